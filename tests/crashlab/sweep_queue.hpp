// SPDX-License-Identifier: MIT
#pragma once

// What is in a queue, seen in two ways that share no code with it: the names of its files, and what
// `offq list` says.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sweep {

// One line of `offq list --json`.
struct Listed {
  std::string id;
  std::string type;
  std::string key;
  std::string state;
  std::string reason;

  [[nodiscard]] std::string text() const;  // "failed (replaced)"
};

// Every line, also those that are there twice.
std::vector<Listed> parse_list(const std::string& output);

// The lines that end with a newline: what was printed, since a torn line tells nobody anything.
std::vector<std::string> whole_lines(const std::string& output);

// The text of a member of a flat JSON object whose value is a string; empty if it is not there.
std::string member(std::string_view json, std::string_view name);

// How many files of its own an operation has in pending, synced and failed; batches count by stem.
std::map<std::string, int> files_of_operations(const std::string& queue);

// The names below pending/, tmp/ and blobs/, with their sizes.
std::set<std::string> stored_files(const std::string& queue);

// The ids that have a receipt `synced`.
std::set<std::string> receipted(const std::string& queue);

}  // namespace sweep
