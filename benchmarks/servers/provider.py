"""A provider of logins by OpenID Connect that believes whatever it is told: for tests, and never for anything else."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwk, jwt

CLIENT, SECRET = "bush", "a secret between the two"


@contextmanager
def provider(person: dict[str, object]) -> Iterator[str]:
    """Address of a running provider, which logs everybody in as `person`; the claims may be changed while it runs."""
    key = jwk.RSAKey.generate_key(2048, parameters={"kid": "1", "use": "sig", "alg": "RS256"})
    asked: dict[str, dict[str, str]] = {}

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            match parts.path:
                case "/.well-known/openid-configuration":
                    self._json(
                        {
                            "issuer": address,
                            "authorization_endpoint": f"{address}/authorize",
                            "token_endpoint": f"{address}/token",
                            "jwks_uri": f"{address}/keys",
                            "response_types_supported": ["code"],
                            "subject_types_supported": ["public"],
                            "id_token_signing_alg_values_supported": ["RS256"],
                        }
                    )
                case "/keys":
                    self._json({"keys": [key.as_dict(private=False)]})
                case "/authorize":
                    code = hashlib.sha256(query["state"].encode()).hexdigest()
                    asked[code] = query
                    self.send_response(302)
                    back = urlencode({"code": code, "state": query["state"]})
                    self.send_header("Location", f"{query['redirect_uri']}?{back}")
                    self.end_headers()
                case _:
                    self.send_error(404)

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
            known = self.headers.get("Authorization") == f"Basic {basic}" or form.get("client_secret") == [SECRET]
            if not known or (query := asked.pop(form["code"][0], None)) is None:
                self.send_error(401)
                return
            now = int(time.time())
            claims = {"iss": address, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300, **person}
            if "nonce" in query:
                claims["nonce"] = query["nonce"]
            token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)
            self._json({"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": token})

        def log_message(self, format: str, *arguments: object) -> None:
            pass

        def _json(self, document: dict[str, object]) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    address = f"http://127.0.0.1:{listening.server_port}"
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield address
    finally:
        listening.shutdown()
        listening.server_close()
