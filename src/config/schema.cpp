// The published JSON Schema of azreach.yaml (draft-07): what an editor completes and checks.
// tests/config keeps it in step with the reader.
#include "src/config/config.hpp"

namespace azreach::config {

std::string schema() {
    return R"schema({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$id": "https://azreach.dev/schema/config-1.json",
  "title": "azreach.yaml",
  "description": "Sets, flows and invariants of an Azure network, as azreach check reads them.",
  "type": "object",
  "required": ["version"],
  "additionalProperties": false,
  "properties": {
    "version": { "const": 1 },
    "snapshot": {
      "description": "Files or folders of Azure JSON, relative to this file; -s replaces them.",
      "$ref": "#/definitions/texts"
    },
    "reading": { "enum": ["strict", "documented"] },
    "assume": {
      "description": "Facts that the files cannot show, as --assume KEY=VALUE states them.",
      "type": "object",
      "properties": {
        "own": {
          "description": "Subscriptions that are ours, for foreign private endpoints.",
          "$ref": "#/definitions/texts"
        },
        "onprem": { "$ref": "#/definitions/texts" }
      },
      "additionalProperties": {
        "anyOf": [{ "type": "boolean" }, { "$ref": "#/definitions/texts" }]
      }
    },
    "include": {
      "description": "Policy packs: further files with sets, services and invariants.",
      "$ref": "#/definitions/texts"
    },
    "services": {
      "type": "object",
      "propertyNames": { "$ref": "#/definitions/newName" },
      "additionalProperties": { "$ref": "#/definitions/texts" }
    },
    "sets": {
      "type": "object",
      "propertyNames": {
        "allOf": [
          { "$ref": "#/definitions/newName" },
          { "not": { "enum": ["any", "internet", "onprem", "platform"] } }
        ]
      },
      "additionalProperties": { "$ref": "#/definitions/set" }
    },
    "invariants": { "type": "array", "items": { "$ref": "#/definitions/invariant" } },
    "suppress": { "type": "array", "items": { "$ref": "#/definitions/suppression" } }
  },
  "definitions": {
    "text": { "type": "string", "minLength": 1 },
    "texts": {
      "anyOf": [
        { "type": ["string", "number"], "minLength": 1 },
        { "type": "array", "minItems": 1, "items": { "type": ["string", "number"], "minLength": 1 } }
      ]
    },
    "newName": {
      "type": "string",
      "pattern": "^[^\\s(),:+&>/][^\\s(),:+&>]*$",
      "not": { "enum": ["on", "via", "not", "-"] }
    },
    "set": {
      "anyOf": [
        { "$ref": "#/definitions/selector" },
        { "$ref": "#/definitions/text" },
        {
          "type": "array",
          "minItems": 1,
          "items": {
            "anyOf": [{ "$ref": "#/definitions/selector" }, { "$ref": "#/definitions/text" }]
          }
        }
      ]
    },
    "selector": {
      "description": "Keys are ANDed, the values of a key ORed; * and ? are wildcards.",
      "type": "object",
      "minProperties": 1,
      "additionalProperties": false,
      "properties": {
        "type": {
          "description": "vm, subnet, pe, ...; storage/blob, sql/server, network/azureFirewall, or an ARM type",
          "$ref": "#/definitions/texts"
        },
        "name": { "$ref": "#/definitions/texts" },
        "id": { "$ref": "#/definitions/texts" },
        "tag": {
          "anyOf": [
            {
              "type": "object",
              "minProperties": 1,
              "additionalProperties": { "$ref": "#/definitions/texts" }
            },
            { "$ref": "#/definitions/texts" }
          ]
        },
        "rg": { "$ref": "#/definitions/texts" },
        "subscription": { "$ref": "#/definitions/texts" },
        "vnet": { "$ref": "#/definitions/texts" },
        "subnet": { "$ref": "#/definitions/texts" },
        "asg": { "$ref": "#/definitions/texts" },
        "region": { "$ref": "#/definitions/texts" },
        "prefix": { "$ref": "#/definitions/texts" },
        "except": {
          "anyOf": [
            { "$ref": "#/definitions/selector" },
            { "type": "array", "items": { "$ref": "#/definitions/selector" } }
          ]
        }
      }
    },
    "flow": {
      "description": "SET -> SET [on SERVICE,...] [via SET] [not via SET]; sets combine with + - & and parentheses",
      "type": "string",
      "pattern": "->"
    },
    "flows": {
      "anyOf": [
        { "$ref": "#/definitions/flow" },
        { "type": "array", "minItems": 1, "items": { "$ref": "#/definitions/flow" } }
      ]
    },
    "day": { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" },
    "expires": { "anyOf": [{ "$ref": "#/definitions/day" }, { "const": "never" }] },
    "exception": {
      "type": "object",
      "required": ["flow", "reason", "owner", "expires"],
      "additionalProperties": false,
      "properties": {
        "flow": { "$ref": "#/definitions/flow" },
        "reason": { "$ref": "#/definitions/text" },
        "owner": { "$ref": "#/definitions/text" },
        "expires": { "$ref": "#/definitions/expires" }
      }
    },
    "suppression": {
      "type": "object",
      "required": ["invariant", "reason", "owner", "expires"],
      "additionalProperties": false,
      "properties": {
        "invariant": { "$ref": "#/definitions/text" },
        "reason": { "$ref": "#/definitions/text" },
        "owner": { "$ref": "#/definitions/text" },
        "expires": { "$ref": "#/definitions/expires" }
      }
    },
    "invariant": {
      "type": "object",
      "required": ["id"],
      "additionalProperties": false,
      "properties": {
        "id": { "type": "string", "pattern": "^[A-Za-z0-9._/-]+$" },
        "title": { "$ref": "#/definitions/text" },
        "why": { "$ref": "#/definitions/text" },
        "owner": { "$ref": "#/definitions/text" },
        "severity": { "enum": ["info", "low", "medium", "high", "critical"] },
        "deny": { "$ref": "#/definitions/flows" },
        "only": { "$ref": "#/definitions/flows" },
        "to": { "$ref": "#/definitions/text" },
        "require": { "$ref": "#/definitions/flows" },
        "match": { "enum": ["every", "some"] },
        "isolate": { "type": "array", "minItems": 2, "items": { "$ref": "#/definitions/text" } },
        "through": { "$ref": "#/definitions/flows" },
        "limit": { "$ref": "#/definitions/flow" },
        "count": { "enum": ["sources", "destinations", "pairs", "ports"] },
        "max": { "type": "integer", "minimum": 0 },
        "no-new": { "$ref": "#/definitions/flows" },
        "same": { "$ref": "#/definitions/flows" },
        "on": { "$ref": "#/definitions/texts" },
        "services": { "$ref": "#/definitions/texts" },
        "except": { "type": "array", "items": { "$ref": "#/definitions/exception" } },
        "may-be-empty": { "type": "boolean" },
        "via-proxy": { "type": "boolean" }
      },
      "oneOf": [
        { "required": ["deny"] },
        { "required": ["only", "to"] },
        { "required": ["require"] },
        { "required": ["isolate"] },
        { "required": ["through"] },
        { "required": ["limit", "count", "max"] },
        { "required": ["no-new"] },
        { "required": ["same"] }
      ],
      "not": { "required": ["on", "services"] },
      "dependencies": {
        "to": ["only"],
        "only": ["to"],
        "match": ["require"],
        "count": ["limit"],
        "max": ["limit"],
        "limit": ["count", "max"]
      }
    }
  }
}
)schema";
}

}  // namespace azreach::config
