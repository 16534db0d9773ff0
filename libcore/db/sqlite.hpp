// SPDX-License-Identifier: MIT
#pragma once

// SQLite as values: a Database, prepared Statements, Transactions. Errors: corrupt when the file is
// not a database or damaged, later when another process holds it for longer than the patience,
// full, io.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace core::db {

class Database;

// Bind from 1, step, read columns from 0. Text and blobs are valid until the next step or reset.
class Statement {
 public:
  Statement() = default;

  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, double value);
  Statement& bind(int index, std::string_view text);
  // The same without a copy: `text` must live until the statement has run.
  Statement& bind_borrowed(int index, std::string_view text);
  Statement& bind_null(int index);
  Statement& bind(int index, const std::optional<std::int64_t>& value) {
    return value ? bind(index, *value) : bind_null(index);
  }

  // True: a row is there. False: done; the statement is reset and can be bound again.
  Result<bool> step();
  // Steps once and resets: for statements that give no rows.
  Result<> run();
  void reset();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::span<const std::uint8_t> blob(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  // WAL, synchronous=NORMAL: consistent after a crash, though perhaps older. `path` ":memory:" is a
  // database of this process alone. The file gets mode 0600.
  static Result<Database> open(const std::string& path, std::chrono::milliseconds patience);

  Result<> execute(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  [[nodiscard]] std::int64_t changes() const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  explicit Database(sqlite3* handle) : handle_(handle) {}

  std::unique_ptr<sqlite3, Close> handle_;
};

// BEGIN IMMEDIATE; rolled back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  Result<> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace core::db
