// SPDX-License-Identifier: MIT
#include "libcore/db/sqlite.hpp"

#include <cerrno>
#include <utility>

#include <sqlite3.h>

#include "libcore/db/shared_memory.hpp"
#include "libcore/sys/files.hpp"

namespace core::db {
namespace {

Errc code_of(int status) {
  switch (status & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return Errc::corrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Errc::later;
    case SQLITE_FULL:
      return Errc::full;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Errc::denied;
    default:
      return Errc::io;
  }
}

// A file that could not be made or grown for want of room is an I/O error to SQLite.
bool is_no_space(sqlite3* handle, int status) {
  const int kind = status & 0xff;
  return (kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN) &&
         sqlite3_system_errno(handle) == ENOSPC;
}

tl::unexpected<Error> database_error(sqlite3* handle, int status, const std::string& path) {
  const char* cause = handle == nullptr ? sqlite3_errstr(status) : sqlite3_errmsg(handle);
  if (handle != nullptr && is_no_space(handle, status)) {
    status = SQLITE_FULL;
    cause = sqlite3_errstr(status);
  }
  return fail(code_of(status), "database: " + path + ": " + cause);
}

tl::unexpected<Error> database_error(sqlite3* handle, int status) {
  const char* path = handle == nullptr ? nullptr : sqlite3_db_filename(handle, "main");
  return database_error(handle, status, path == nullptr ? "" : path);
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}
void Database::Close::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

Statement& Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
  return *this;
}

Statement& Statement::bind(int index, double value) {
  sqlite3_bind_double(statement_.get(), index, value);
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text(statement_.get(), index, text.data(), static_cast<int>(text.size()),
                    SQLITE_TRANSIENT);  // NOLINT: the macro casts
  return *this;
}

Statement& Statement::bind_borrowed(int index, std::string_view text) {
  sqlite3_bind_text(statement_.get(), index, text.data(), static_cast<int>(text.size()),
                    SQLITE_STATIC);  // NOLINT: the macro casts
  return *this;
}

Statement& Statement::bind_null(int index) {
  sqlite3_bind_null(statement_.get(), index);
  return *this;
}

Result<bool> Statement::step() {
  const int status = sqlite3_step(statement_.get());
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) {
    reset();
    return false;
  }
  auto error = database_error(sqlite3_db_handle(statement_.get()), status);
  reset();
  return error;
}

Result<> Statement::run() {
  TRY(step());
  reset();
  return {};
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
  if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
  return integer(column);
}

std::string_view Statement::text(int column) const {
  const auto bytes = blob(column);
  // sqlite3 hands text out as unsigned char; char may alias it.
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::uint8_t> Statement::blob(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return {static_cast<const std::uint8_t*>(bytes), size};
}

Result<Database> Database::open(const std::string& path, std::chrono::milliseconds patience) {
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int status = sqlite3_open_v2(path.c_str(), &raw, flags, vfs_with_safe_memory());
  Database database(raw);
  if (status != SQLITE_OK) return database_error(raw, status, path);
  sqlite3_busy_timeout(raw, static_cast<int>(patience.count()));
  // SQLite gives -wal and -shm the mode of the database itself. A filesystem that has no modes
  // refuses; there the directory's have to do.
  if (path != ":memory:") [[maybe_unused]]
    const auto outcome = sys::make_private(path);
  TRY(
      database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                       "PRAGMA temp_store=FILE; PRAGMA cache_size=-8192;"));
  return database;
}

Result<> Database::execute(const char* sql) {
  const int status = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (status != SQLITE_OK) return database_error(handle_.get(), status);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int status = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (status != SQLITE_OK) return database_error(handle_.get(), status);
  return Statement(raw);
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(handle_.get());
}

Result<Transaction> Transaction::begin(Database& database) {
  TRY(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  if (database_ != nullptr) [[maybe_unused]]
    const auto undone = database_->execute("ROLLBACK");
}

Result<> Transaction::commit() {
  auto* database = std::exchange(database_, nullptr);
  auto committed = database->execute("COMMIT");
  // A commit that failed (full disk) leaves the transaction open.
  if (!committed) [[maybe_unused]]
    const auto undone = database->execute("ROLLBACK");
  return committed;
}

}  // namespace core::db
