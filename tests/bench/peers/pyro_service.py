"""An echo object of Pyro4 with its fastest serializer. usage: pyro_service.py; prints its URI."""

import Pyro4

Pyro4.config.SERIALIZER = "msgpack"
Pyro4.config.SERIALIZERS_ACCEPTED = {"msgpack"}
Pyro4.config.SERVERTYPE = "multiplex"


@Pyro4.expose
class Echo:
    def echo(self, payload):
        return payload


daemon = Pyro4.Daemon(host="127.0.0.1")
print(daemon.register(Echo()), flush=True)
daemon.requestLoop()
