"""Fill moto with an organization whose every user is known, and return that knowledge: the ground truth.

It runs inside the moto process (``POST /harness/seed``) on the very methods that moto's API handlers call: over HTTP
the same thousands of calls take ten times as long. Given the same options it makes the same accounts, names, devices
and ids. Two things have no call in moto and are set by hand: ages, and the devices of a root user.
"""

import json
from datetime import timedelta

import seed_users
from moto.core.utils import utcnow
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, iam_backends
from moto.moto_api._internal import mock_random
from moto.organizations.models import organizations_backends

MANAGEMENT = "123456789012"  # moto's account for every access key it does not know
# A name with everything that must not reach HTML, CSV or a terminal unescaped.
HOSTILE_ACCOUNT = '=Sandbox <script>alert("1")</script> & Co'
OUS = [("Workloads", None), ("Prod", "Workloads"), ("Dev", "Workloads"), ("Sandbox", None), ("Security", None)]
AWS_POLICIES = ["AdministratorAccess", "SecurityAudit", "IAMUserChangePassword"]
STAR = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
READ = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}})


def trust(principal, action, condition=None):
    """A role's trust policy."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | (condition or {})]})


def add_roles(iam, account):
    """The roles every account has: ours, one of Identity Center, one SAML and one OIDC trust."""
    saml = {"Federated": f"arn:aws:iam::{account}:saml-provider/corp"}
    oidc = {"Federated": f"arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com"}
    hub = {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}
    subject = {"Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:example/app:*"}}}
    for path, name, document in [
        ("/", "PortcullisScan", trust(hub, "sts:AssumeRole")),
        ("/", "PortcullisEnforce", trust(hub, "sts:AssumeRole")),
        (
            "/aws-reserved/sso.amazonaws.com/",
            "AWSReservedSSO_AdministratorAccess_0123456789abcdef",
            trust(saml, ["sts:AssumeRoleWithSAML", "sts:TagSession"]),
        ),
        ("/", "corp-saml", trust(saml, "sts:AssumeRoleWithSAML")),
        ("/", "github-deploy", trust(oidc, "sts:AssumeRoleWithWebIdentity", subject)),
    ]:
        iam.create_role(name, document, path, None, "", [], "3600")
    iam.create_saml_provider("corp", "<EntityDescriptor/>" * 60)
    iam.create_open_id_connect_provider("https://token.actions.githubusercontent.com", ["0" * 40], [], [])


def add_policies(iam, account, loaded):
    """The AWS managed policies that are attached somewhere (moto has none by default) and two customer ones."""
    for name in AWS_POLICIES:
        policy = AWSManagedPolicy.from_data(name, account, "us-east-1", loaded[name])
        iam.aws_managed_policies.append(policy)
        iam.managed_policies[policy.arn] = policy
    iam.create_policy("", "/", STAR, "star-star", [])
    iam.create_policy("", "/teams/", READ, "read-buckets", [])
    iam.create_group("admins")
    iam.attach_group_policy("arn:aws:iam::aws:policy/AdministratorAccess", "admins")
    iam.create_group("developers", "/teams/")
    iam.put_group_policy("developers", "inline", READ)


def set_root(iam, account, kind):
    """Give the root user a virtual device, a hardware device, or none. moto knows no root, so this is by hand."""
    iam.account_summary._account_mfa_enabled = 0 if kind == "none" else 1
    if kind == "virtual":
        device = iam.create_virtual_mfa_device("root-phone", "/")
        device.enable_date = utcnow()
        # moto answers with `user`, an object or a mapping; AWS leaves Path and UserName out for root.
        device.user = {
            "UserId": account,
            "Arn": f"arn:aws:iam::{account}:root",
            "CreateDate": utcnow() - timedelta(days=2000),
        }
    return {"kind": kind, "mfa_enabled": kind != "none"}


def set_password_policy(iam, index):
    """A strict policy in every third account, a weak one in the next, none in the last."""
    strict = [dict(length=14, reuse=24, age=90), dict(length=6, reuse=None, age=None), None][index % 3]
    if strict:
        iam.update_account_password_policy(
            True, False, strict["age"], strict["length"], strict["reuse"], *[strict["length"] == 14] * 4
        )
    return {"minimum_length": strict["length"], "reuse_prevention": strict["reuse"]} if strict else None


def add_accounts(organization, count):
    """The organizational units and `count` member accounts, the last one suspended. Truth, without users."""
    organization.create_organization("us-east-1", FeatureSet="ALL")
    root = organization.org.root_id
    management = organization.get_account_by_id(MANAGEMENT)
    units = {None: {"id": root, "path": []}}
    for name, parent in OUS:
        unit = organization.create_organizational_unit(Name=name, ParentId=units[parent]["id"])["OrganizationalUnit"]
        units[name] = {"id": unit["Id"], "path": [*units[parent]["path"], name]}
    truth = [{"id": MANAGEMENT, "name": management.name, "ou": root, "ou_path": [], "state": "ACTIVE"}]
    homes = ["Prod", "Dev", "Sandbox", "Security"]
    for index in range(1, count + 1):
        home = homes[index % len(homes)]
        name = HOSTILE_ACCOUNT if index == 2 else f"{home.lower()}-{index:03}"
        status = organization.create_account(AccountName=name, Email=f"aws-{index:03}@example.org")
        account = organization.get_account_by_id(status["CreateAccountStatus"]["AccountId"])
        organization.move_account(AccountId=account.id, SourceParentId=root, DestinationParentId=units[home]["id"])
        if index == count:
            organization.close_account(AccountId=account.id)
        truth.append(
            {
                "id": account.id,
                "name": name,
                "ou": units[home]["id"],
                "ou_path": units[home]["path"],
                "state": account.state,
            }
        )
    return root, units, truth


def fill(account, index, users, loaded):
    """Everything inside one account; extends its truth."""
    iam = iam_backends[account["id"]]["aws"]
    account["password_policy"] = set_password_policy(iam, index)
    add_policies(iam, account["id"], loaded)
    add_roles(iam, account["id"])
    account["root"] = set_root(iam, account["id"], ["virtual", "hardware", "none"][index % 3])
    account["sso_roles"], account["saml_trusts"], account["oidc_trusts"] = 1, 1, 1
    account["users"] = seed_users.add_users(iam, account["id"], users)
    account["orphans"] = seed_users.add_orphans(iam)
    iam.generate_report()  # asked for before, it is there at once: waiting for it has tests of its own
    account["failing"] = sorted(u["arn"] for u in account["users"] if u["console"] and not u["mfa"])
    return account


def hub_user():
    """The user that the scanner runs as: real, so that it has an ARN, and of no rule's interest (no password)."""
    iam = iam_backends[MANAGEMENT]["aws"]
    user = iam.create_user("us-east-1", "portcullis-hub")
    key = iam.create_access_key("portcullis-hub")
    return user, {"arn": user.arn, "access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key}


def seed(options):
    """Make the organization: ``{"accounts": members, "users": total over the active accounts}``."""
    mock_random.seed(options.get("seed", 7))
    loaded = json.loads(aws_managed_policies_data)
    root, units, accounts = add_accounts(organizations_backends[MANAGEMENT]["aws"], options["accounts"])
    active = [account for account in accounts if account["state"] == "ACTIVE"]
    share, rest = divmod(options["users"], len(active))
    for index, account in enumerate(active):
        fill(account, index, share + (index < rest), loaded)
    user, hub = hub_user()
    accounts[0]["users"].append(seed_users.truth_of(user, "robot", hub["access_key_id"]))
    ous = [{"id": unit["id"], "path": unit["path"]} for unit in units.values()]
    return {"root": root, "management": MANAGEMENT, "hub": hub, "accounts": accounts, "ous": ous}
