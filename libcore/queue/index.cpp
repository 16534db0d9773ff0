// SPDX-License-Identifier: MIT
// Writing the index, and finding one of its rows.

#include "libcore/queue/index.hpp"

#include <string>
#include <tuple>
#include <utility>

#include "libcore/queue/index_rows.hpp"
#include "libcore/queue/index_statements.hpp"

namespace core::queue {
namespace {

// Of two claims to one id, the higher wins: a file of its own over a batch line, then synced over
// pending over failed, then more attempts.
std::tuple<bool, int, int> claim(const Entry& entry) {
  const int rank = entry.state() == State::synced ? 2 : entry.state() == State::pending ? 1 : 0;
  return {!entry.is_batch_line(), rank, entry.attempts};
}

}  // namespace

Result<std::string> Index::stamp(std::string_view name) {
  auto& statement = statements_->stamp;
  statement.bind(1, name);
  TRY_ASSIGN(const bool found, statement.step());
  std::string value(found ? statement.text(0) : std::string_view{});
  statement.reset();
  return value;
}

Result<> Index::set_stamp(std::string_view name, std::string_view value) {
  return statements_->set_stamp.bind(1, name).bind(2, value).run();
}

Result<> Index::each_file(
    State state, const std::function<void(std::string_view name, std::uint64_t inode)>& visit) {
  TRY_ASSIGN(auto rows,
             database_->prepare("SELECT name, inode FROM files WHERE state = ? ORDER BY name"));
  rows.bind(1, number(state));
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return {};
    visit(rows.text(0), static_cast<std::uint64_t>(rows.integer(1)));
  }
}

Result<> Index::add_file(State state, std::string_view name, std::uint64_t inode) {
  auto& statement = statements_->add_file;
  statement.bind(1, number(state)).bind(2, name);
  return statement.bind(3, static_cast<std::int64_t>(inode)).run();
}

Result<> Index::move_file(State from, std::string_view name, State to, std::string_view new_name) {
  auto& statement = statements_->move_file;
  statement.bind(1, number(from)).bind(2, name);
  return statement.bind(3, number(to)).bind(4, new_name).run();
}

Result<std::optional<std::uint64_t>> Index::inode_of_file(State state, std::string_view name) {
  TRY_ASSIGN(auto row, database_->prepare("SELECT inode FROM files WHERE state = ? AND name = ?"));
  TRY_ASSIGN(const bool found, row.bind(1, number(state)).bind(2, name).step());
  if (!found) return std::nullopt;
  return static_cast<std::uint64_t>(row.integer(0));
}

Result<bool> Index::remove_file(State state, const std::string& name) {
  TRY(statements_->remove_file.bind(1, number(state)).bind(2, name).run());
  const auto file = FileName::parse(name);
  if (!file) return false;
  if (file->kind == FileName::Kind::batch) {
    // Synced lines of a batch in pending/ are its lines too.
    for (const State of : {state, State::synced}) {
      for (auto* statement :
           {&statements_->remove_dependencies_of_lines, &statements_->remove_lines}) {
        TRY(statement->bind(1, file->stem.text()).bind(2, number(of)).run());
      }
    }
    return false;
  }
  TRY_ASSIGN(const auto entry, find(file->id()));
  const bool is_its_own = entry && entry->state() == state && entry->place.file == *file;
  if (!is_its_own) return false;
  TRY(remove(file->id()));
  return forget_files_of(file->id());
}

// Whatever their state and their number of attempts.
Result<bool> Index::forget_files_of(const OperationId& id) {
  auto& statement = statements_->remove_files_of;
  const std::string text = id.text();
  TRY(statement.bind(1, text + ".").bind(2, text + "/").run());
  if (database_->changes() == 0) return false;
  for (const State state : k_states)
    TRY(set_stamp(folder(state), ""));
  return true;
}

Result<bool> Index::add(const Entry& entry) {
  // Nearly always there is no such row yet: then this is all.
  bind_entry(statements_->add_new, entry);
  TRY(statements_->add_new.run());
  if (database_->changes() == 0) {
    TRY_ASSIGN(const auto known, find(entry.id));
    if (known && claim(*known) > claim(entry)) return false;
    bind_entry(statements_->add, entry);
    TRY(statements_->add.run());
  }
  const std::string stem = entry.id.stem.text();
  for (const auto& on : entry.after) {
    auto& statement = statements_->add_dependency;
    statement.bind(1, stem).bind(2, std::int64_t{entry.id.line});
    TRY(statement.bind(3, on.stem.text()).bind(4, std::int64_t{on.line}).run());
  }
  return true;
}

Result<> Index::add_all(std::span<const Entry> entries) {
  auto& statement = statements_->add_many;
  while (entries.size() >= k_many) {
    const auto many = entries.first(k_many);
    for (std::size_t i = 0; i < many.size(); ++i)
      bind_entry(statement, many[i], static_cast<int>(i));
    TRY(statement.run());
    const bool are_all_new = database_->changes() == static_cast<std::int64_t>(k_many);
    for (const auto& entry : many) {
      if (!are_all_new || !entry.after.empty()) TRY(add(entry));
    }
    entries = entries.subspan(k_many);
  }
  for (const auto& entry : entries)
    TRY(add(entry));
  return {};
}

Result<> Index::remove(const OperationId& id) {
  const std::string stem = id.stem.text();
  TRY(statements_->remove_dependencies.bind(1, stem).bind(2, std::int64_t{id.line}).run());
  return statements_->remove.bind(1, stem).bind(2, std::int64_t{id.line}).run();
}

Result<> Index::settle(const Entry& entry) {
  auto& statement = statements_->settle;
  statement.bind(1, entry.id.stem.text()).bind(2, std::int64_t{entry.id.line});
  statement.bind(3, number(entry.state())).bind(4, std::int64_t{entry.is_batch_line() ? 1 : 0});
  statement.bind(5, static_cast<std::int64_t>(entry.place.offset));
  statement.bind(6, static_cast<std::int64_t>(entry.place.length));
  statement.bind(7, std::int64_t{entry.attempts}).bind(8, micros(entry.retry_at));
  return statement.bind(9, number(entry.reason)).bind(10, micros(entry.settled_at)).run();
}

Result<> Index::settle_lines(const OperationId& first, std::uint32_t last, Time at) {
  auto& statement = statements_->settle_lines;
  statement.bind(1, first.stem.text()).bind(2, std::int64_t{first.line});
  return statement.bind(3, std::int64_t{last}).bind(4, micros(at)).run();
}

Result<std::optional<Entry>> Index::find(const OperationId& id) {
  auto& statement = statements_->find;
  statement.bind(1, id.stem.text()).bind(2, std::int64_t{id.line});
  TRY_ASSIGN(const bool found, statement.step());
  if (!found) return std::nullopt;
  Entry entry = read_entry(statement);
  statement.reset();
  return entry;
}

Result<std::int64_t> Index::version_by_others() {
  auto& row = statements_->data_version;
  TRY(row.step());
  const auto version = row.integer(0);
  row.reset();
  return version;
}

Result<bool> Index::keep_receipt(const codec::Receipt& receipt) {
  auto& statement = statements_->note_receipt;
  statement.bind(1, receipt.id.stem.text()).bind(2, std::int64_t{receipt.id.line});
  statement.bind(3, number(receipt.outcome)).bind(4, number(receipt.reason));
  statement.bind(5, std::int64_t{receipt.attempts}).bind(6, micros(receipt.at));
  TRY(statement.run());
  return database_->changes() > 0;
}

Result<> Index::keep_receipts(const codec::Receipt& receipt, std::uint32_t last) {
  auto& statement = statements_->note_receipts_of_lines;
  statement.bind(1, receipt.id.stem.text()).bind(2, std::int64_t{receipt.id.line});
  statement.bind(3, number(receipt.outcome)).bind(4, number(receipt.reason));
  statement.bind(5, std::int64_t{receipt.attempts}).bind(6, micros(receipt.at));
  return statement.bind(7, std::int64_t{last}).run();
}

Result<bool> Index::note_receipt(const codec::Receipt& receipt) {
  TRY_ASSIGN(const bool kept, keep_receipt(receipt));
  if (!kept) return false;
  TRY_ASSIGN(auto entry, find(receipt.id));
  if (!entry) return false;
  if (receipt.outcome == codec::Outcome::failed && entry->state() == State::failed) {
    entry->reason = receipt.reason;
    entry->settled_at = receipt.at;
    TRY(settle(*entry));
  }
  if (receipt.outcome == codec::Outcome::synced && entry->state() == State::synced) {
    entry->settled_at = receipt.at;
    TRY(settle(*entry));
  }
  return true;
}

Result<> Index::forget_receipt(const codec::Receipt& receipt) {
  auto& statement = statements_->forget_receipt;
  statement.bind(1, receipt.id.stem.text()).bind(2, std::int64_t{receipt.id.line});
  return statement.bind(3, micros(receipt.at)).run();
}

Result<bool> Index::has_receipts(const Ulid& stem) {
  auto& statement = statements_->has_receipts;
  TRY_ASSIGN(const bool found, statement.bind(1, stem.text()).step());
  statement.reset();
  return found;
}

Result<std::optional<LastReceipt>> Index::last_receipt(const OperationId& id) {
  auto& statement = statements_->last_receipt;
  statement.bind(1, id.stem.text()).bind(2, std::int64_t{id.line});
  TRY_ASSIGN(const bool found, statement.step());
  if (!found) return std::nullopt;
  const LastReceipt last{.outcome = static_cast<codec::Outcome>(statement.integer(0)),
                         .reason = static_cast<codec::Reason>(statement.integer(1)),
                         .attempts = static_cast<int>(statement.integer(2)),
                         .at = time_of(statement.integer(3))};
  statement.reset();
  return last;
}

}  // namespace core::queue
