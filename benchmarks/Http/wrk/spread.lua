-- Posts 1 KiB to the functions f0 to f(N-1) in turn; arguments: N and the region.
local requests, at = {}, 0

function init(args)
  wrk.method = "POST"
  wrk.body = string.rep("x", 1024)
  wrk.headers["Content-Type"] = "application/octet-stream"
  for i = 0, tonumber(args[1]) - 1 do
    requests[i] = wrk.format(nil, "/v1/functions/f" .. i .. "/invoke?region=" .. args[2])
  end
end

function request()
  at = (at + 1) % (#requests + 1)
  return requests[at]
end
