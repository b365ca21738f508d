# What each command makes of the shipped scenarios: the one list for every check that plays them all.
#
#     . packaging/commands.sh
#     each_result PLAY FOLDER ROUNDS
#
# Calls `PLAY NAME COMMAND ARGUMENT …` for each result, which is to be written to FOLDER/NAME: some are made of others.
# Bash, from the root of the repository.

each_result() {
    local play="$1" folder="$2" rounds="$3"
    local case=scenarios/kazakhstan method i
    "$play" base run scenarios/base.toml --rounds "$rounds" --keep-rounds
    "$play" given run scenarios/base.toml --rounds "$rounds" --given "$case/evidence/known_on_12_january.toml" --given-by weights
    "$play" resampled run scenarios/base.toml --rounds "$rounds" --given "$case/evidence/known_on_12_january.toml" \
        --given-by resampling
    "$play" compare compare scenarios/base.toml "$case/what_if/no_troops.toml" --rounds "$rounds"
    for method in sobol morris given; do
        "$play" "sens_$method" sensitivity scenarios/minimal.toml --rows 256 --method "$method"
    done
    "$play" sweep sweep scenarios/minimal.toml --over parameters.anger=0..1:3 --rounds "$rounds"
    # Fewer rounds hold no conditions.
    "$play" discover discover scenarios/base.toml --rounds "$((rounds > 2000 ? rounds : 2000))"
    "$play" signposts signposts scenarios/base.toml --rounds "$((rounds > 1000 ? rounds : 1000))"
    "$play" weigh weigh "$case"/readings/*.toml --evidence "$case/evidence/january_2022.toml" --rounds "$rounds"
    "$play" score score tests/data/scores/forecasts.csv tests/data/scores/observed.csv

    # A template over cases, and its coefficients from what happened in them.
    {
        echo case,parameters.anger
        for i in 1 2 3 4 5 6 7 8 9; do echo "case_$i,0.$i"; done
    } > "$folder/cases.csv"
    {
        echo case,outcome
        for i in 1 2 3 4 5 6 7 8 9; do
            [ "$((i % 3))" -eq 0 ] && echo "case_$i,minister_rules" || echo "case_$i,nothing_happens"
        done
    } > "$folder/observed.csv"
    "$play" cases cases scenarios/minimal.toml "$folder/cases.csv" --rounds "$rounds"
    "$play" fit fit scenarios/minimal.toml "$folder/cases.csv" "$folder/observed.csv" --params parameters.ambition \
        --rounds 20 --draws 100 --boot 50

    "$play" pool pool "$folder/base" "$folder/given" --log
}
