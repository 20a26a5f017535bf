"""Logging in, in ssh's order: keys, keyboard-interactive, password; several where the server wants several."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from paramiko import AuthenticationException, BadAuthenticationType, SSHException

from gpuws.link.paramiko import prompts
from gpuws.link.paramiko.agent import SshAgent
from gpuws.link.paramiko.key_files import PublicKey, rsa_size
from gpuws.link.paramiko.keys import Candidate, Candidates, KeyRing
from gpuws.link.paramiko.offer import would_take
from gpuws.link.paramiko.transport import SshTransport
from gpuws.link.patience import Withdrawn, put
from gpuws.link.place import Ask
from gpuws.link.resolve.backend import Instead, Moment
from gpuws.link.resolve.resolve import Resolved
from gpuws.model import text
from gpuws.model.errors import AuthFailed, HostError, NeedsPerson, Unreachable
from gpuws.model.host.question import Answer, Question, said
from gpuws.model.host.refusal import Refusal, named, remedy

ANSWER_TIMEOUT = 30.0  # seconds for the server's answer
TOUCH_TIMEOUT = 120.0  # the same, when the agent may have somebody touch a key or confirm first
PHONE_TIMEOUT = 300.0  # the same, when somebody may have to confirm on a phone first
PHONE = 2.0  # seconds: a server that took longer over a login without a prompt waited for somebody's phone

TOO_MANY = "Too many authentication failures"
"""sshd's words when MaxAuthTries is reached; before 7.2 it named the user behind them."""
CONNECT_AGAIN = "connect again to be asked"
TIMED_OUT = "Authentication timeout."  # paramiko's words; it has no class for it


def _nothing(moment: Moment, offered: Sequence[str]) -> None:
    """There is no other way."""


class Authentication:
    """One login. `needed_human`: a person answered what a new login would ask again."""

    def __init__(
        self,
        transport: SshTransport,
        resolved: Resolved,
        ask: Ask,
        ring: KeyRing,
        instead: Instead = _nothing,
    ) -> None:
        self.needed_human = False
        self._transport = transport
        self._resolved = resolved
        self._ask = ask
        self._instead = instead
        self._offered: Sequence[str] = ()
        self._spent: set[str] = set()
        self._tried: list[str] = []
        self._locked = ""  # the key whose passphrase nobody gave
        self._typed = False  # a passphrase was given
        self._answered = False
        self._asking = False
        self._rounds = 0  # of keyboard-interactive, whatever they asked
        self._told: list[str] = []
        self._read, self._shown = 0, 0  # letters of its banners and its rounds that a question has shown
        self._agent = SshAgent(resolved.agent)
        self._candidates = Candidates(resolved, self._agent, ring)
        self._keys: Iterator[Candidate] = iter(self._candidates)

    @property
    def exposed(self) -> tuple[str, ...]:
        """Private key files of mine that were not used: others can read them."""
        return tuple(self._candidates.exposed)

    @property
    def told(self) -> tuple[str, ...]:
        """What the server said of itself, by banners and by rounds without a question (PAM's texts)."""
        return said(self._transport.banners, *self._told)

    def run(self) -> None:
        """AuthFailed, NeedsPerson or Unreachable unless the server lets us in."""
        try:
            self._transport.auth_timeout = ANSWER_TIMEOUT
            if not self._attempt(lambda: self._transport.auth_none(self._resolved.user)):
                self._instead("begin", self._offered)
            steps = 0  # a server may take every one and want another
            while not self._transport.is_authenticated():
                steps += 1
                if steps > prompts.ROUNDS:
                    raise self._overasked()
                if not self._advance():
                    if not self._tried and not self._locked and self._spent <= {"publickey"}:
                        self._instead("end", self._offered)
                    raise self._refused()
        except HostError as error:
            error.asks = self._asking or self.needed_human
            raise
        finally:
            self._agent.close()

    def _advance(self) -> bool:
        """One method further: logged in, or the server wants another one now."""
        methods: dict[str, Callable[[], bool]] = {
            "publickey": self._publickey,
            "keyboard-interactive": self._interactive,
            "password": self._password,
        }
        for method in self._resolved.methods:
            if method in self._offered and method not in self._spent:
                if method != "publickey" and not (self._asking or self.needed_human):
                    self._instead("person", self._offered)
                if methods[method]():
                    return True
                self._spent.add(method)
        return False

    def _attempt(self, call: Callable[[], Sequence[str]]) -> bool:
        """True: the server took it; `_offered` is what it wants next, if anything."""
        try:
            self._offered = call()
        except BadAuthenticationType as error:
            self._offered = error.allowed_types
            return False
        except (SSHException, OSError, EOFError) as error:
            self._go_on(error)
            if not isinstance(error, AuthenticationException):
                self._candidates.remarks.append(text.plain(str(error)))
            return False
        return True

    def _go_on(self, error: Exception) -> None:
        """Raises where there is nobody left to talk to."""
        if not self._transport.alive:
            raise self._cut_off() from error
        if str(error) == TIMED_OUT:
            raise Unreachable(f"{self._resolved.name}: the server stopped answering during the login") from error

    # methods

    def _publickey(self) -> bool:
        return any(self._key(candidate) for candidate in self._keys)

    def _key(self, candidate: Candidate) -> bool:
        user = self._resolved.user
        if candidate.public and not self._may_sign(candidate.label, candidate.public):
            return False
        if offered := candidate.costly and candidate.public:
            self._tried.append(candidate.label)
            try:
                taken = would_take(self._transport, user, offered)
            except (SSHException, OSError, EOFError) as error:
                self._go_on(error)
                taken = False
            if not taken:
                return False
        key = candidate.load(self._passphrase)
        if key is None:
            if offered:  # it would have been taken: nobody unlocked it
                self._tried.pop()
            return False
        if not candidate.public and not self._may_sign(candidate.label, PublicKey(key.get_name(), key.asbytes())):
            return False
        if not offered:
            self._tried.append(candidate.label)
        self._transport.auth_timeout = TOUCH_TIMEOUT if candidate.costly else ANSWER_TIMEOUT
        return self._attempt(lambda: self._transport.auth_publickey(user, key))

    def _may_sign(self, label: str, key: PublicKey) -> bool:
        """Whether our configuration allows this key and the server its signature; only RSA keys sign in several ways.
        paramiko: the connection ends where an RSA key finds no way."""
        policy, size = self._resolved.policy, rsa_size(key)
        allowed = policy.signatures(key.type)
        theirs = self._transport.server_extensions.get("server-sig-algs", b"").decode(errors="replace").split(",")
        if size is not None and size < policy.rsa_size:
            why = f"has {size} bits, and RequiredRSASize is {policy.rsa_size}"
        elif not allowed:
            why = f"is {key.type}, and PubkeyAcceptedAlgorithms allows {text.plain(', '.join(policy.user_keys), 120)}"
        elif size is not None and any(theirs) and not set(allowed) & set(theirs):
            why = "is an RSA key, which the server takes no signature of"
        else:
            self._transport._preferred_pubkeys = allowed
            return True
        self._candidates.remarks.append(f"{label} {why}")
        return False

    def _interactive(self) -> bool:
        for _ in range(self._resolved.password_prompts):
            if self._attempt(self._interact):
                return True
            if "keyboard-interactive" not in self._offered:
                break
        return False

    def _interact(self) -> Sequence[str]:
        """Some servers ask nothing here, and wait until a phone has said yes."""
        began = time.monotonic()
        try:
            return prompts.authenticate(self._transport, self._resolved.user, self._prompted, PHONE_TIMEOUT)
        finally:
            if time.monotonic() - began > PHONE:
                self.needed_human = True

    def _prompted(self, title: str, instructions: str, asked: Sequence[tuple[str, bool]]) -> list[str]:
        self._rounds += 1
        if self._rounds > prompts.ROUNDS or len(asked) > prompts.PROMPTS:
            raise self._overasked()
        if not asked and len(self._told) < prompts.ROUNDS:
            self._told += [title, instructions]
        return [self._handed_on(title, instructions, prompt, echo) for prompt, echo in asked]

    def _password(self) -> bool:
        self._transport.auth_timeout = ANSWER_TIMEOUT
        for attempt in range(self._resolved.password_prompts):
            detail = ("Not accepted, try again.",) if attempt else ()
            words, told = f"Password of {self._resolved.address}", said(*self._news())
            server = self._resolved.address if told else ""
            question = Question("password", self._resolved.name, words, detail, server=server, said=told)
            password = self._question(question, "a password").text
            if self._attempt(lambda: self._transport.auth_password(self._resolved.user, password, fallback=False)):  # noqa: B023
                return True
            if "password" not in self._offered:
                break
        return False

    def _news(self) -> tuple[str, ...]:
        """What it told since the last question: each is shown once, in the frame of the next one."""
        banners = self._transport.banners
        news = (banners[self._read :], *self._told[self._shown :])
        self._read, self._shown = len(banners), len(self._told)
        return news

    def _passphrase(self, path: str, wrong: bool) -> str | None:
        detail = ("That was not it, try again.",) if wrong else ()
        answer = self._ask(Question("passphrase", self._resolved.name, f"Passphrase of {path}", detail))
        if answer is None or not answer.accept:
            self._locked = path
            return None
        self._typed = True  # it unlocks the key, whether or not this server still waits
        return answer.text

    def _handed_on(self, title: str, instructions: str, prompt: str, echo: bool) -> str:
        """The server's own words, which may look like anything: they are shown as its."""
        server, words = self._resolved.address, said(*self._news(), title, instructions, prompt)
        asks = f"The server {server} asks in its own words"
        question = Question("prompt", self._resolved.name, asks, echo=echo, server=server, said=words)
        return self._question(question, f'"{text.plain(prompt, 80)}"').text

    def _question(self, question: Question, what: str) -> Answer:
        """A person's answer to the server, which may not wait for it. NeedsPerson where there is none."""
        self._asking = True
        began = time.monotonic()
        try:
            answer = put(self._ask, question, self._transport.ended.is_set)
        except Withdrawn:
            waited = f"its server waited {round(time.monotonic() - began)} s for {what}"
            raise NeedsPerson(f"{self._resolved.name}: nobody answered: {waited}", CONNECT_AGAIN) from None
        if answer is None or not answer.accept:
            raise self._unanswered(what)
        self.needed_human = self._answered = True
        return answer

    # the end of it

    def _overasked(self) -> AuthFailed:
        bounds = f"{prompts.ROUNDS} rounds of {prompts.PROMPTS} questions"
        return AuthFailed(
            f"{self._resolved.name}: {self._resolved.address} asks without an end (a login has at most {bounds})",
            "its login is broken, or means harm: ask who runs it",
        )

    def _unanswered(self, what: str) -> NeedsPerson:
        return NeedsPerson(f"{self._resolved.name}: nobody answered when it asked for {what}", CONNECT_AGAIN)

    def _cut_off(self) -> Exception:
        """Why the connection ended during the login."""
        name, words = self._resolved.name, self._transport.disconnect_text
        if self._answered and not words:
            return NeedsPerson(f"{name}: the server did not wait for the answer", "connect again and answer sooner")
        if self._locked and not words:
            return self._unanswered(f"the passphrase of {self._locked}")
        if self._typed and not words:
            return Unreachable(f"{name}: the server did not wait for the passphrase")
        if self._tried:
            return self._refused()
        return Unreachable(f"{name}: the connection was lost during login: {self._transport.why()}")

    def _refused(self) -> HostError:
        if self._locked and not self._tried:
            return self._unanswered(f"the passphrase of {self._locked}")
        tried = ", ".join(self._tried) or "nothing"
        offered = named([text.plain(method, 60) for method in self._offered])
        words = self._transport.disconnect_text
        silent = ["BatchMode is `yes`: nothing is asked"] if self._resolved.policy.silent else []
        facts = [f"tried {tried}", f"the server takes {offered}", *self._candidates.remarks, *silent]
        if words:
            facts.append(f"it said: {text.plain(words)}")
        if told := text.plain(" ".join(self.told), 300):
            facts.append(f"it told: {told}")
        refusal = Refusal(
            offered=self._offered,
            ours=self._resolved.methods,
            keys=bool(self._tried),
            asked=self.needed_human,
            silent=self._resolved.policy.silent,
            exposed=self.exposed,
            user=self._resolved.user,
            typed=self._resolved.typed,
        )
        sentence = f"{self._resolved.name}: {self._resolved.address} refused the login ({'; '.join(facts)})"
        return AuthFailed(sentence, self._fewer_keys() if TOO_MANY in words else remedy(refusal))

    def _fewer_keys(self) -> str:
        """What to do where the server has counted to its MaxAuthTries."""
        if self._resolved.identities_only:
            return "that are more keys than the server takes: name fewer by IdentityFile, the right one first"
        return (
            "that are more keys than the server takes: name the right one, identity_file in hosts.yaml,"
            " with ssh_options: {IdentitiesOnly: yes}"
        )
