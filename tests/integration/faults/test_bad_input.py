# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Input that cannot be right, by kind, for all modules of the directory: refused before the first write.

In check mode as in earnest, with the message that is pinned here. The rows of a single module's own rules stand with
the tests of the modules.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from .forest import SERVICES, Dump, Forest, differences
from .runs import Call, run

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..conftest import Lab

AUTHORITY = "CORP Issuing CA 1"
GOOD = "Aa1-good-enough"
POLICIES: dict[str, t.Any] = {"application_policies": {"set": ["Client Authentication"]}}
KNOWN = f"is not an enterprise certification authority of this forest. Known: 'ca1.corp.example\\{AUTHORITY}'"
NOT_OF_FOREST = "is not a principal of the forest. Searched: all partitions of dc1.corp.example."
PERIOD = (
    "is not a period such as '1 year' or '6 weeks' (units: years, months, weeks, days, hours, minutes, seconds, ticks)"
)

Row: t.TypeAlias = tuple[str, str, dict[str, t.Any], str]


def template(kind: str, message: str, **options: t.Any) -> Row:
    scratch = {"name": "BadInput", "subject_name": {"source": "supply_in_request"}, "extensions": POLICIES}
    return kind, "certificate_template", {**scratch, **options}, message


def granting(kind: str, principal: str, message: str) -> Row:
    entry = {"principal": principal, "rights": ["read"]}
    return template(kind, f"Principals that cannot be resolved: {message}", rights={"add": [entry]})


def publication(kind: str, templates: t.Any, message: str, authority: str = AUTHORITY) -> Row:
    return kind, "template_publication", {"certification_authority": authority, "templates": templates}, message


def account(kind: str, message: str, name: str = "svc-bad", **options: t.Any) -> Row:
    return kind, "service_account", {"name": name, "password": GOOD, **options}, message


def naming(kind: str, name: str, message: str, holder: str = "svc-ndes") -> Row:
    arguments = {"name": holder, "service_principal_names": {"add": [name]}}
    return kind, "service_principal_name", arguments, message


def delegation(kind: str, message: str, **options: t.Any) -> Row:
    return kind, "pki_delegation", {"principal": "PKI Operators", "tasks": ["templates"], **options}, message


ROWS: list[Row] = [
    # Types
    template("text for a dictionary", "dictionary requested, could not parse JSON or key=value", general="1 year"),
    template("dictionary for a list", "cannot be converted to a list", superseded_templates={"add": {"User": True}}),
    template("text for a truth", "is not a valid boolean", general={"publish_to_active_directory": "perhaps"}),
    template("number for an entry", "Value '5' in the sub parameter field 'add' must be", rights={"add": [5]}),
    template("fraction for a number", "cannot be converted to an int", minimum_revision="1.5"),
    template("negative number", "minimum_revision: -1 is not between 0 and 2147483647", minimum_revision=-1),
    template("attribute for an option", "Unsupported parameters for", advanced={"objectClass": ["top"]}),
    template("hazard that there is not", "value of allow_hazards must be one or more of:", allow_hazards=["ESC99"]),
    publication("list for a dictionary", ["User"], "dictionary requested, could not parse JSON or key=value"),
    publication("edit that there is not", {"insert": ["User"]}, "Unsupported parameters for"),
    delegation("task that there is not", "value of tasks must be one or more of: templates,", tasks=["everything"]),
    delegation("no task", "tasks: is empty; name at least one of templates,", tasks=[]),
    ("option of a reader", "pki_audit_info", {"name": "x"}, "Unsupported parameters for"),
    # Names: length, control characters, what only looks empty, what reads the other way round
    template("NUL in a name", "name: 'a\0b' holds '\\x00', which a template name cannot have", name="a\0b"),
    template("new line in a name", "name: 'a\nb' holds '\\n', which a template name cannot have", name="a\nb"),
    template("name without width", "holds '\\u200b', which a template name cannot have", name="\u200b"),
    template("reversing name", "holds '\\u202e', which a template name cannot have", name="a\u202eb"),
    template("blank that does not break", "is empty or begins or ends with a blank", name="\u00a0X"),
    template("name of a conflict", "holds '\\n', which a template name cannot have", name="X\nCNF:76b2d083-9626-4a00"),
    template("long name with å", "name: has 65 characters; 64 are allowed", name="å" * 65),
    template("long name of pairs", "name: has 66 characters; 64 are allowed", name="\U0001f600" * 33),
    template("NUL in a display name", "display_name: 'a\0b' holds '\\x00'", display_name="a\0b"),
    account("long account name", "name: has 21 characters; 20 are allowed", name="x" * 21),
    account("control character in an account", "holds '\\x07', which an account name cannot have", name="svc\7"),
    account("empty account name", "name: '' is empty or begins or ends with a blank", name=""),
    account("dot at the end", "name: 'svc.' consists of dots or ends with one", name="svc."),
    account("computer's name for a user's", "name: 'svc$' ends with $, as computers and managed accounts", name="svc$"),
    naming("long host name", f"http/{'x' * 300}", "has a host name that is too long; 255 characters are allowed"),
    naming("host name with ö", "http/höst.example", "has 'höst.example' for a host, which is not a DNS name"),
    # LDAP metacharacters
    template("star for a template", "superseded_templates: '*' is not a template", superseded_templates={"add": ["*"]}),
    template(
        "filter for a policy",
        "extensions.application_policies: '*)(objectClass=*' is neither an OID nor the name",
        extensions={"application_policies": {"set": ["*)(objectClass=*"]}},
    ),
    publication("star published", {"add": ["*"]}, "templates.add: '*' is not a template of this forest"),
    publication("star for an authority", {"add": ["User"]}, f"certification_authority: '*' {KNOWN}", "*"),
    ("star read", "certificate_template_info", {"name": ["*"]}, "name: '*' is not a template of this forest"),
    ("filter read", "certification_authority_info", {"name": "*)(cn=*"}, f"certification_authority: '*)(cn=*' {KNOWN}"),
    account("star in an account", "name: 'svc*' holds '*', which an account name cannot have", name="svc*"),
    account("comma in an account", "name: 'a,b' holds ',', which an account name cannot have", name="a,b"),
    naming("filter for an account", "http/x.corp.example", f"'*)(cn=*' {NOT_OF_FOREST}", "*)(cn=*"),
    naming("star for a host", "http/*", "has '*' for a host, which is not a DNS name or the name of a computer"),
    delegation(
        "star for an authority of a delegation",
        f"certification_authorities: '*' {KNOWN}",
        tasks=["publication"],
        certification_authorities=["*"],
    ),
    # Principals
    granting("broken SID", "S-1-5-x", f"'S-1-5-x' {NOT_OF_FOREST}"),
    granting(
        "other domain", "OTHER\\alice", "'OTHER\\alice' is of a domain that the forest does not have; its domains"
    ),
    granting("DN of nothing", f"CN=Nobody,{SERVICES}", f"'CN=Nobody,{SERVICES}' {NOT_OF_FOREST}"),
    granting("computer without dollar", "CORP\\ndes1", "'CORP\\ndes1' is a computer: write CORP\\NDES1$."),
    granting("empty principal", "", "'' is empty."),
    granting("Swedish principal", "Åsa Öberg", f"'Åsa Öberg' {NOT_OF_FOREST}"),
    granting(
        "display name of a person", "Alice Andersson", "'Alice Andersson' is the display name of CORP\\alice: write"
    ),
    delegation("unknown operator", f"'Nobody' {NOT_OF_FOREST}", principal="Nobody"),
    delegation("everybody an operator", "principal: Everyone stands for nearly everybody", principal="Everyone"),
    account("unknown group", f"'Nobody Here' {NOT_OF_FOREST}", groups={"add": ["Nobody Here"]}),
    account("person for a group", "groups: 'alice' is not a group of the domain", groups={"add": ["alice"]}),
    account(
        "privileged account", "name: 'krbtgt' is privileged (krbtgt); no such account", name="krbtgt", state="absent"
    ),
    # Periods and times
    template("period without number", f"'years' {PERIOD}", general={"validity_period": "years"}),
    template("fraction of a period", f"'1.5 years' {PERIOD}", general={"validity_period": "1.5 years"}),
    template("period in other digits", f"'２ years' {PERIOD}", general={"validity_period": "２ years"}),  # noqa: RUF001
    template("empty period", f"'' {PERIOD}", general={"validity_period": ""}),
    account("time that is none", "account_expires: 'soon' is neither never, nor a date", account_expires="soon"),
    # Authorities
    publication("authority on another host", {"add": ["User"]}, KNOWN, f"dc1.corp.example\\{AUTHORITY}"),
    publication("empty authority", {"add": ["User"]}, f"certification_authority: '' {KNOWN}", ""),
    publication("Swedish template", {"add": ["Användare"]}, "templates.add: 'Användare' is not a template"),
    # What is fixed at creation
    (
        "schema of a built-in template",
        "certificate_template",
        {"name": "WebServer", "advanced": {"schema_version": 4}},
        "advanced.schema_version: is fixed when a template is created; 'WebServer' has 1, not 4",
    ),
    (
        "schema of a newer template",
        "certificate_template",
        {"name": "CAExchange", "advanced": {"schema_version": 4}},
        "advanced.schema_version: is fixed when a template is created; 'CAExchange' has 2, not 4",
    ),
    (
        "subject type of a template",
        "certificate_template",
        {"name": "CAExchange", "subject_type": "user"},
        "subject_type: is fixed when a template is created; 'CAExchange' has computer",
    ),
    # Places and connections
    account(
        "path to nowhere", "path: 'OU=Nowhere,DC=corp,DC=example' does not exist", path="OU=Nowhere,DC=corp,DC=example"
    ),
    account("path that is none", "path: 'Service Accounts' is not a distinguished name", path="Service Accounts"),
    delegation(
        "delegation of nowhere",
        "organizational_unit: 'OU=Nowhere,DC=corp,DC=example' does not exist",
        tasks=["accounts"],
        organizational_unit="OU=Nowhere,DC=corp,DC=example",
    ),
    naming(
        "address for a name", "http://scep.corp.example", "is an address; write class/host, as http/scep.corp.example"
    ),
    naming("name without host", "http", "'http' is not written as class/host, as http/scep.corp.example"),
    template(
        "address for a domain",
        "is not the DNS name of a domain, such as corp.example.com",
        domain="ldap://corp.example",
    ),
    template("no time at all", "domain_timeout is 0; it must be between 1 and 600 seconds", domain_timeout=0),
]


@pytest.fixture(scope="module")
def connection(lab: Lab) -> dict[str, t.Any]:
    pkiadmin = lab.credentials["accounts"]["pkiadmin"]
    return {
        "domain": "corp.example",
        "domain_username": pkiadmin["username"],
        "domain_password": pkiadmin["password"],
    }


@pytest.fixture(autouse=True)
def as_before() -> None:
    """Not after each row: none writes, which each sees at the library, and the last at the forest."""


@pytest.fixture(scope="module", autouse=True)
def unchanged(forest: Forest, fresh: Dump) -> Iterator[None]:
    yield
    assert differences(fresh, forest.dump()) == []


def test_every_row_is_another() -> None:
    assert len({row[0] for row in ROWS}) == len(ROWS) >= 60


@pytest.mark.parametrize(("module", "arguments", "message"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_it_is_refused(
    home: Path, connection: dict[str, t.Any], module: str, arguments: dict[str, t.Any], message: str
) -> None:
    call = Call(module, {**connection, **arguments})
    for ended in (run(replace(call, check=True), home), run(call, home)):
        assert ended.failed, ended.whole
        assert message in ended.message
        assert "Traceback" not in str(ended.whole)
        assert ended.writes == []
