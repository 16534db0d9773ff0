// SPDX-License-Identifier: MIT
#include "libcore/queue/layout.hpp"

#include "libcore/base/text.hpp"

namespace core::queue {
namespace {

constexpr std::string_view k_single_suffix = ".json";
constexpr std::string_view k_batch_suffix = ".jsonl";
constexpr std::uint64_t k_max_attempts = 1'000'000;

// Splits ".a3" off the end of `name`; 0 where there is none, nullopt where it is malformed.
std::optional<int> take_attempts(std::string_view& name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || !name.substr(dot).starts_with(".a")) return 0;
  const auto digits = name.substr(dot + 2);
  const auto number = parse_unsigned(digits);
  if (!number || *number == 0 || *number > k_max_attempts || digits.front() == '0') {
    return std::nullopt;
  }
  name = name.substr(0, dot);
  return static_cast<int>(*number);
}

}  // namespace

std::optional<FileName> FileName::parse(std::string_view name) {
  if (name.ends_with(k_batch_suffix)) {
    const auto stem = Ulid::parse(name.substr(0, name.size() - k_batch_suffix.size()));
    if (!stem) return std::nullopt;
    return batch(*stem);
  }
  if (!name.ends_with(k_single_suffix)) return std::nullopt;
  name.remove_suffix(k_single_suffix.size());
  const auto attempts = take_attempts(name);
  const auto id = OperationId::parse(name);
  if (!attempts || !id) return std::nullopt;
  return single(*id, *attempts);
}

std::string FileName::text() const {
  if (kind == Kind::batch) return stem.text() + std::string(k_batch_suffix);
  std::string text = id().text();
  if (attempts > 0) text += ".a" + std::to_string(attempts);
  return text + std::string(k_single_suffix);
}

bool is_adoptable(std::string_view name) {
  return !name.starts_with('.') &&
         (name.ends_with(k_single_suffix) || name.ends_with(k_batch_suffix));
}

std::string folder(State state) {
  return std::string(name_of(state));
}

std::string path_in(State state, std::string_view name) {
  return folder(state).append("/").append(name);
}

std::string path_of(State state, const FileName& name) {
  return path_in(state, name.text());
}

std::string temporary_path(std::string_view name, int process) {
  return std::string(path::k_temporary).append("/").append(name) + "." + std::to_string(process);
}

std::optional<std::string> name_of_temporary(std::string_view temporary_name) {
  const auto dot = temporary_name.rfind('.');
  if (dot == std::string_view::npos || !parse_unsigned(temporary_name.substr(dot + 1))) {
    return std::nullopt;
  }
  return std::string(temporary_name.substr(0, dot));
}

std::string receipts_path(std::string_view day) {
  return std::string(path::k_receipts).append("/").append(day).append(k_batch_suffix);
}

std::string running_path(int process) {
  return running_path(std::to_string(process));
}

std::string running_path(std::string_view name) {
  return std::string(path::k_running).append("/").append(name);
}

std::string blob_path(std::string_view sha256) {
  return std::string(path::k_blobs).append("/").append(sha256);
}

std::string key_path(std::string_view digest) {
  return std::string(path::k_keys).append("/").append(digest.substr(0, 32));
}

}  // namespace core::queue
