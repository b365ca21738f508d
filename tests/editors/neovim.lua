-- Edits a scenario in Neovim with `kzsim lsp`, and checks what the editor is told. Called by neovim.sh:
-- nvim --headless -u NONE -c "luafile neovim.lua", with KZSIM, the program, and FOLDER, which has scenario.toml.
local program, folder = os.getenv("KZSIM"), os.getenv("FOLDER")
local failed = 0

local function holds(what, found)
  print((found and "ok    " or "WRONG ") .. what)
  if not found then
    failed = failed + 1
  end
end

local function has(list, word)
  for _, one in ipairs(list) do
    if one == word then
      return true
    end
  end
  return false
end

vim.cmd("edit " .. folder .. "/scenario.toml")
local buffer = vim.api.nvim_get_current_buf()
local client = vim.lsp.start_client({ name = "kzsim", cmd = { program, "lsp" }, root_dir = folder })
holds("the server starts", client ~= nil)
vim.lsp.buf_attach_client(buffer, client)

local function lines()
  return vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
end

-- The place right behind a text, as the protocol counts.
local function behind(text)
  for number, line in ipairs(lines()) do
    local _, last = line:find(text, 1, true)
    if last then
      local character = vim.str_utfindex(line, last)
      return { line = number - 1, character = select(2, character) or character }
    end
  end
  error("no `" .. text .. "` in the file")
end

local function ask(method, text)
  local params = { textDocument = vim.lsp.util.make_text_document_params(buffer), position = behind(text) }
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 10000)
  assert(answers, method .. " is not answered")
  return (answers[client] or {}).result
end

local function labels(text)
  local out = {}
  for _, item in ipairs(ask("textDocument/completion", text) or {}) do
    table.insert(out, item.label)
  end
  return out
end

local function replace(old, new)
  local all = lines()
  for number, line in ipairs(all) do
    local first, last = line:find(old, 1, true)
    if first then
      all[number] = line:sub(1, first - 1) .. new .. line:sub(last + 1)
      vim.api.nvim_buf_set_lines(buffer, 0, -1, false, all)
      return
    end
  end
  error("no `" .. old .. "` in the file")
end

local function waits_for(count)
  return vim.wait(20000, function()
    return #vim.diagnostic.get(buffer) == count
  end, 50)
end

assert(vim.wait(10000, function()
  local found = vim.lsp.get_client_by_id(client)
  return found and found.initialized
end, 50), "the server does not answer")

-- Two faults at once, in a text that is not saved.
replace('by = "new"', 'by = "nww"')
replace("rounds = 100", "rounds = 0")
holds("two faults are told at once", waits_for(2))
local found = vim.diagnostic.get(buffer)
table.sort(found, function(a, b)
  return a.lnum < b.lnum
end)
holds("the first at its place", #found == 2 and found[1].message:find("rounds is 0", 1, true) ~= nil)
holds("the second with the nearest name", #found == 2 and found[2].message:find("did you mean `new`", 1, true) ~= nil)
replace("rounds = 0", "rounds = 100")

replace('by = "nww"', 'by = "')
holds("actors are offered where one is expected", has(labels('by = "'), "army"))
replace('by = "', 'by = "new"')
holds("faults go when they are mended", waits_for(0))

replace('when = "', 'when = "loyalty.')
holds("names go on with ids", has(labels('when = "loyalty.'), "army"))
replace('when = "loyalty.', 'when = "')

local told = ask("textDocument/hover", "rou")
holds("a key says what it means", told and told.contents.value:find("Rounds of `kzsim run`", 1, true) ~= nil)
told = ask("textDocument/hover", "[actors.ar")
holds("an id says who it is", told and told.contents.value:find("actor `army`", 1, true) ~= nil)
local place = ask("textDocument/definition", 'by = "n')
holds("an id leads to where it is declared", place and place.uri:find("scenario.toml", 1, true) ~= nil)

vim.lsp.stop_client(client)
vim.cmd(failed == 0 and "qall!" or "cquit!")
