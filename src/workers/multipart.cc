#include "workers/multipart.h"

#include <algorithm>

#include "base/strings.h"

namespace kiln::workers {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kMaxBoundary = 70;   // RFC 2046 5.1.1
constexpr std::size_t kMaxHeaders = 8192;  // bytes of one part's headers

tl::unexpected<Error> malformed(const std::string& why) {
  return fail(Errc::invalid, "The multipart/form-data body cannot be read: " + why);
}

bool is_boundary_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("'()+_,-./:=?").find(c) != std::string_view::npos;
}

// `; name="value"` or `; name=value` pairs behind a header's first word.
class Parameters {
 public:
  explicit Parameters(std::string_view rest) : rest_(rest) {}

  struct Pair {
    std::string name;  // lower case
    std::string_view value;
  };
  // The next pair, nothing at the end; ok() tells the end from a mistake.
  std::optional<Pair> next() {
    rest_ = trim(rest_);
    if (rest_.empty()) return std::nullopt;
    if (rest_.front() != ';') return bad();
    rest_ = trim(rest_.substr(1));
    const std::size_t equals = rest_.find('=');
    if (equals == std::string_view::npos || equals == 0) return bad();
    Pair pair{to_lower(trim(rest_.substr(0, equals))), {}};
    rest_.remove_prefix(equals + 1);
    const bool quoted = !rest_.empty() && rest_.front() == '"';
    if (quoted) rest_.remove_prefix(1);
    const std::size_t end = quoted ? rest_.find('"') : std::min(rest_.find(';'), rest_.size());
    if (end == std::string_view::npos) return bad();
    pair.value = rest_.substr(0, end);
    if (!quoted) pair.value = trim(pair.value);
    rest_.remove_prefix(end + (quoted ? 1 : 0));
    return pair;
  }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::nullopt_t bad() {
    ok_ = false;
    return std::nullopt;
  }

  std::string_view rest_;
  bool ok_ = true;
};

Result<std::string> boundary_of(std::string_view content_type) {
  const std::size_t semicolon = content_type.find(';');
  if (semicolon == std::string_view::npos ||
      to_lower(trim(content_type.substr(0, semicolon))) != "multipart/form-data") {
    return malformed("the content type must be multipart/form-data with a boundary");
  }
  Parameters parameters(content_type.substr(semicolon));
  while (const auto pair = parameters.next()) {
    if (pair->name != "boundary") continue;
    const bool fits = !pair->value.empty() && pair->value.size() <= kMaxBoundary &&
                      std::all_of(pair->value.begin(), pair->value.end(), is_boundary_char);
    if (!fits) return malformed("the boundary must be 1 to 70 of the characters that RFC 2046 allows");
    return std::string(pair->value);
  }
  return malformed("the content type has no boundary");
}

// The three escapes that HTML's form encoding makes; any other percent sign stands for itself.
std::string decode_name(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::string escape = to_lower(text.substr(0, 3));
    if (escape == "%22" || escape == "%0d" || escape == "%0a") {
      out += escape == "%22" ? '"' : escape == "%0d" ? '\r' : '\n';
      text.remove_prefix(3);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

Status read_disposition(std::string_view value, Part& part) {
  const std::size_t end = std::min(value.find(';'), value.size());
  if (to_lower(trim(value.substr(0, end))) != "form-data") {
    return malformed("a part's Content-Disposition is not form-data");
  }
  Parameters parameters(value.substr(end));
  bool named = false;
  while (const auto pair = parameters.next()) {
    if (pair->name == "name" && !named) {
      part.name = decode_name(pair->value);
      named = true;
    } else if (pair->name == "filename" && !part.filename) {
      part.filename = decode_name(pair->value);
    } else {
      return malformed("a part's Content-Disposition has a parameter twice or one of another kind");
    }
  }
  if (!parameters.ok() || !named) return malformed("a part has no name");
  return {};
}

Status read_headers(std::string_view block, Part& part) {
  bool disposition = false;
  while (!block.empty()) {
    const std::size_t end = std::min(block.find(kLineEnd), block.size());
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(std::min(end + kLineEnd.size(), block.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return malformed("a part has a header without a name");
    const std::string name = to_lower(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    if (name == "content-disposition") {
      if (disposition) return malformed("a part has two Content-Disposition headers");
      disposition = true;
      if (Status read = read_disposition(value, part); !read) return read;
    } else if (name == "content-type") {
      part.content_type = std::string(value);
    }
  }
  return disposition ? Status{} : malformed("a part has no Content-Disposition header");
}

// Takes the blanks off that a transport may have added to a boundary's line.
void skip_padding(std::string_view& body) {
  body.remove_prefix(std::min(body.find_first_not_of(" \t"), body.size()));
}

// Takes everything off up to and with the first boundary; false when there is none at the start of a line.
bool skip_preamble(std::string_view& body, const std::string& delimiter) {
  const std::string_view first = std::string_view(delimiter).substr(kLineEnd.size());
  if (body.starts_with(first)) {
    body.remove_prefix(first.size());
    return true;
  }
  const std::size_t at = body.find(delimiter);
  if (at == std::string_view::npos) return false;
  body.remove_prefix(at + delimiter.size());
  return true;
}

}  // namespace

Result<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body) {
  const Result<std::string> boundary = boundary_of(content_type);
  if (!boundary) return tl::unexpected<Error>(boundary.error());
  const std::string delimiter = "\r\n--" + *boundary;
  if (!skip_preamble(body, delimiter)) return malformed("its boundary is not in it");
  std::vector<Part> parts;
  for (skip_padding(body); body.starts_with(kLineEnd); skip_padding(body)) {
    body.remove_prefix(kLineEnd.size());
    if (parts.size() == kMaxParts)
      return malformed("it has more than " + std::to_string(kMaxParts) + " parts");
    const std::size_t headers_end = body.substr(0, kMaxHeaders).find("\r\n\r\n");
    if (headers_end == std::string_view::npos) return malformed("a part's headers do not end");
    Part part;
    if (const Status read = read_headers(body.substr(0, headers_end), part); !read) {
      return tl::unexpected<Error>(read.error());
    }
    body.remove_prefix(headers_end + 2);  // the empty line's break may be the delimiter's
    const std::size_t end = body.find(delimiter);
    if (end == std::string_view::npos) return malformed("it ends inside a part");
    part.content =
        end >= kLineEnd.size() ? body.substr(kLineEnd.size(), end - kLineEnd.size()) : std::string_view();
    parts.push_back(std::move(part));
    body.remove_prefix(end + delimiter.size());
  }
  const bool closed = body.starts_with("--");
  if (closed) body.remove_prefix(2);
  skip_padding(body);
  if (!closed || !(body.empty() || body.starts_with(kLineEnd))) {
    return malformed("there are strange bytes behind a boundary");
  }
  if (parts.empty()) return malformed("it has no part");
  return parts;
}

const Part* find_part(const std::vector<Part>& parts, std::string_view name) {
  const auto found =
      std::find_if(parts.begin(), parts.end(), [&](const Part& part) { return part.name == name; });
  return found == parts.end() ? nullptr : &*found;
}

}  // namespace kiln::workers
