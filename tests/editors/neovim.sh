#!/usr/bin/env bash
# Edits a scenario in Neovim with the language server: tests/editors/neovim.sh PROGRAM SCENARIO
#
# The scenario is copied and changed in the editor; the file itself stays as it is.
set -euo pipefail
program="$(realpath "$1")"
scenario="$(realpath "$2")"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cp "$scenario" "$folder/scenario.toml"
# An editor with nobody's settings, and no file of its own outside the folder.
HOME="$folder" XDG_STATE_HOME="$folder" XDG_CONFIG_HOME="$folder" XDG_CACHE_HOME="$folder" \
    KZSIM="$program" FOLDER="$folder" \
    timeout 120 nvim --headless -u NONE -n -c "luafile $here/neovim.lua" 2>&1 | tee "$folder/told"
echo
if grep -q "WRONG\|Error" "$folder/told" || ! grep -q "^ok" "$folder/told"; then
    exit 1
fi
cmp "$scenario" "$folder/scenario.toml"
