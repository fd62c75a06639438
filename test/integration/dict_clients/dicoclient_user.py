"""python3-dicoclient as a program uses it: dicoclient_user.py PORT. Prints what its functions return."""

import sys

import dicoclient

client = dicoclient.DicoClient()
client.open("127.0.0.1", int(sys.argv[1]))
print("capabilities", client.server_capas)
print("databases", client.show_databases())
print("define", client.define("*", "apple"))
print("match", client.match("*", "prefix", "app"))
print("miss", client.define("*", "zzzz")["error"], client.match("*", "exact", "zzzz")["error"])
print("option mime", client.option("MIME"))
print("define", client.define("drinks", "cider"))
print("match", client.match("drinks", "prefix", "ci"))
client.close()
