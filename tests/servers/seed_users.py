"""The users of one seeded account: every way in which a person or a robot can hold credentials."""

from datetime import timedelta

from moto.core.utils import utcnow
from moto.iam.models import AccessKeyLastUsed

# (kind, has a password, devices, access keys). A device is removed again where it is listed as "removed".
KINDS = [
    ("virtual", True, ["virtual"], 0),
    ("hardware", True, ["hardware-totp"], 0),
    ("passkey", True, ["passkey"], 0),
    ("nomfa", True, [], 0),
    ("removed", True, ["removed"], 0),
    ("robot", False, [], 1),
    ("idle", False, [], 0),
    ("both", True, ["virtual", "passkey"], 1),
    ("keymfa", False, ["virtual"], 1),
    ("nomfakey", True, [], 2),
    ("sms", True, ["sms"], 0),
    ("robots", False, [], 2),
]
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
TAGS = [{"Key": "owner", "Value": "<script>alert(1)</script>"}, {"Key": "team", "Value": "=cmd|' /C calc'!A0"}]


def name_and_path(kind, index):
    """Names with every character IAM allows, and paths, on some users."""
    name = f"{kind}-{index:04}"
    if index % 11 == 3:
        name = f"{kind}+=,.@_-{index:04}"
    if index % 13 == 4:
        name = f"=={kind}@example.org-{index:04}"
    return name, ["/", "/", "/people/", "/eng/team-a/"][index % 4]


def serial_of(iam, account, user, device):
    """The serial number of a device; its form is all that tells one kind from another.

    moto checks neither serials nor codes: EnableMFADevice takes any text for hardware and security keys, and only
    serials made by CreateVirtualMFADevice appear in ListVirtualMFADevices.
    """
    if device == "hardware-totp":
        return f"GAHT{abs(hash_of(user.name)):08}"
    if device == "passkey":
        return f"arn:aws:iam::{account}:u2f/user/{user.name}/key-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    if device == "sms":
        return f"arn:aws:iam::{account}:sms-mfa/{user.name}"
    return iam.create_virtual_mfa_device(user.name, user.path).serial_number


def hash_of(text):
    """Eight digits that are the same in every run (Python's own hash is not)."""
    return sum(ord(char) * 31**place for place, char in enumerate(text)) % 10**8


def add_key(iam, user, index, place):
    """An access key: a third are old, of these some were never used; the second of two is inactive."""
    key = iam.create_access_key(user.name)
    turn = index // len(KINDS)
    age = [400, 40, 1][(turn + index % len(KINDS)) % 3]
    key.create_date = utcnow() - timedelta(days=age)
    used = None
    if turn % 2 == 0:
        used = age // 2
        key.last_used = AccessKeyLastUsed(utcnow() - timedelta(days=used), "s3", "eu-central-1")
    if place == 1:
        iam.update_access_key(user.name, key.access_key_id, "Inactive")
    return {"id": key.access_key_id, "active": place == 0, "age_days": age, "last_used_days": used}


def add_rights(iam, user, index):
    """Groups and policies; the ways in which the user became an administrator, most often none."""
    ways = []
    if index % 9 == 2:
        iam.add_user_to_group("admins", user.name)
        ways.append("group")
    if index % 10 == 3:
        iam.attach_user_policy(ADMINISTRATOR, user.name)
        ways.append("attached")
    if index % 17 == 5:
        iam.attach_user_policy(f"arn:aws:iam::{iam.account_id}:policy/star-star", user.name)
        ways.append("customer-policy")
    if index % 3 == 0:
        iam.add_user_to_group("developers", user.name)
    if index % 8 == 1:
        iam.attach_user_policy(f"arn:aws:iam::{iam.account_id}:policy/teams/read-buckets", user.name)
    return ways


def add_user(iam, account, index):
    """One user with devices, keys and rights; its truth."""
    kind, console, devices, keys = KINDS[index % len(KINDS)]
    name, path = name_and_path(kind, index)
    user = iam.create_user("us-east-1", name, path, TAGS if index % 5 == 0 else [])
    user.create_date = utcnow() - timedelta(days=500)
    if console:
        iam.create_login_profile(name, "Correct-horse-9-battery")
        if index % 4 != 1:
            user.password_last_used = utcnow() - timedelta(days=[2, 100][index % 2])
    for device in devices:
        serial = serial_of(iam, account, user, device)
        iam.enable_mfa_device(name, serial, "123456", "654321")
        if device == "removed":
            # As in AWS the device stays behind unassigned; moto's report then says mfa_active false at once.
            iam.deactivate_mfa_device(name, serial)
    made = [add_key(iam, user, index, place) for place in range(keys)]
    kinds = [device for device in devices if device != "removed"]
    return {
        "name": name,
        "arn": user.arn,
        "kind": kind,
        "console": console,
        "mfa": kinds,
        "keys": made,
        "admin": add_rights(iam, user, index),
    }


def truth_of(user, kind, key):
    """The truth of a user made elsewhere that only has a key."""
    keys = [{"id": key, "active": True, "age_days": 0, "last_used_days": None}]
    return {"name": user.name, "arn": user.arn, "kind": kind, "console": False, "mfa": [], "keys": keys, "admin": []}


def add_users(iam, account, count):
    """`count` users, every kind in turn."""
    users = [add_user(iam, account, index) for index in range(count)]
    # The device's name is that of the classic, wrong test for a root that has only a virtual device.
    if any(user["kind"] == "virtual" for user in users):
        trap = next(user for user in users if user["kind"] == "virtual")
        serial = iam.create_virtual_mfa_device("root-account-mfa-device", "/").serial_number
        iam.enable_mfa_device(trap["name"], serial, "123456", "654321")
        trap["mfa"].append("virtual")
    return users


def add_orphans(iam):
    """Two devices nobody ever enabled; all serials without a user, those of removed devices included."""
    for index in range(2):
        iam.create_virtual_mfa_device(f"orphan-{index}", "/")
    return sorted(d.serial_number for d in iam.virtual_mfa_devices.values() if not d.enable_date)
