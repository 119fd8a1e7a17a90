-- Posts 1 KiB to the address that wrk is given. Each request is asked of this script, as in spread.lua: what wrk itself takes is the same for all.
local post

function init(args)
  wrk.method = "POST"
  wrk.body = string.rep("x", 1024)
  wrk.headers["Content-Type"] = "application/octet-stream"
  post = wrk.format()
end

function request()
  return post
end
