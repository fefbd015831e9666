"""A forward proxy that notes what it is asked for, and lets through what it is told to."""

import socket
import threading
import urllib.parse


class Proxy:
    """Takes CONNECT host:port and, one for each connection, GET http://host:port/path. `heads` holds the requests as
    they came. `refuse`: what it answers instead of letting anything through, also to a
    client that speaks TLS. `tls`: the context to speak TLS with itself. `leads_to`: the host:port that it connects with,
    whatever it is asked for."""

    def __init__(self, refuse=None, tls=None, leads_to=None):
        self.refuse, self.tls, self.leads_to, self.heads = refuse, tls, leads_to, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        self.listener.close()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client):
        try:
            client = self.tls.wrap_socket(client, server_side=True) if self.tls else client
        except OSError:
            return  # the client wants no such certificate
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = client.recv(65536)
                if not piece:
                    return
                head += piece
                if head[0] < 0x20:  # no text: the client speaks TLS
                    break
            self.heads.append(head)
            if self.refuse:
                client.sendall(self.refuse)
                return
            method, target, rest = head.split(b" ", 2)
            url = urllib.parse.urlsplit(target.decode())
            asked = target.decode() if method == b"CONNECT" else url.netloc
            name, port = (self.leads_to or asked).rsplit(":", 1)
            with socket.create_connection((name, int(port))) as server:
                if method == b"CONNECT":
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    path = url._replace(scheme="", netloc="").geturl().encode()
                    version, headers = rest.split(b"\r\n", 1)
                    server.sendall(b" ".join([method, path, version]) + b"\r\nConnection: close\r\n" + headers)
                back = threading.Thread(target=pump, args=(server, client), daemon=True)
                back.start()
                pump(client, server)
                back.join()


def pump(source, target):
    """Carries bytes one way until that way is closed."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one of the two has gone
