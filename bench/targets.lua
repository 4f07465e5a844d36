-- For wrk: sends the request targets of the file that $TARGETS names, in turn, over and over.
local requests = {}
local at = 0

function init(_)
  for target in io.lines(os.getenv("TARGETS")) do
    requests[#requests + 1] = wrk.format("GET", target)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
