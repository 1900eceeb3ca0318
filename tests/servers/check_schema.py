"""Hold documents against a JSON Schema, and look which of their fields it insists on.

Standard input is JSON: ``{"schema": SCHEMA, "documents": [DOCUMENT...], "free": [PATH...]}``. The answer is
``{"errors", "unknown", "optional", "renamed"}``: why documents are refused; fields that the schema does not know; fields
that may be missing; fields that may have another name although the schema allows no others. A path has ``[]`` for the
members of lists; nothing below those in ``free``, which have any names, is looked at.
"""

import copy
import json
import sys

from jsonschema import Draft202012Validator


def closed(schema):
    """The schema with no fields allowed but those it names."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    tight = {name: closed(part) for name, part in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        tight.setdefault("additionalProperties", False)
    return tight


def fields(value, free, path="", steps=()):
    """Every field of a document: its path, the steps to the mapping that has it, and its name."""
    if path in free:
        return
    if isinstance(value, list):
        for at, member in enumerate(value):
            yield from fields(member, free, path + "[]", (*steps, at))
    if isinstance(value, dict):
        for name, member in value.items():
            below = f"{path}.{name}" if path else name
            yield below, steps, name
            yield from fields(member, free, below, (*steps, name))


def without(document, steps, name, other=None):
    """The document without a field, or with the field under another name."""
    changed = copy.deepcopy(document)
    at = changed
    for step in steps:
        at = at[step]
    value = at.pop(name)
    if other is not None:
        at[other] = value
    return changed


def main():
    request = json.load(sys.stdin)
    schema = request["schema"]
    Draft202012Validator.check_schema(schema)
    whole, tight = Draft202012Validator(schema), Draft202012Validator(closed(schema))
    answer = {"errors": [], "unknown": [], "optional": set(), "renamed": set()}
    seen = set()
    for document in request["documents"]:
        answer["errors"] += [f"{error.json_path}: {error.message}"[:300] for error in whole.iter_errors(document)]
        answer["unknown"] += [f"{error.json_path}: {error.message}"[:300] for error in tight.iter_errors(document)]
        for path, steps, name in list(fields(document, request["free"])):
            if path in seen:
                continue
            seen.add(path)
            if whole.is_valid(without(document, steps, name)):
                answer["optional"].add(path)
            if tight.is_valid(without(document, steps, name, f"{name}x")):
                answer["renamed"].add(path)
    json.dump(answer | {name: sorted(answer[name]) for name in ("optional", "renamed")}, sys.stdout)


main()
