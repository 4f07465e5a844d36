-- For wrk: sends the requests of the file that $DELIVERIES names, each once, in their order. There each stands behind its length in
-- eight digits.
local file

function init(_)
  file = assert(io.open(os.getenv("DELIVERIES"), "rb"))
end

function request()
  local length = assert(file:read(8), "there are too few deliveries")
  return file:read(tonumber(length))
end

function done(summary)
  assert(summary.errors.status == 0, "a delivery was refused")
end
