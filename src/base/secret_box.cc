#include "base/secret_box.h"

#include <fmt/format.h>
#include <sodium.h>

#include "base/fs.h"

namespace kiln {
namespace {

const unsigned char* data_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* data_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

SecretBox::SecretBox(std::string key) : key_(std::move(key)) {}

Result<SecretBox> SecretBox::open(const std::filesystem::path& file) {
  if (sodium_init() < 0) return fail(Errc::internal, "libsodium does not start");
  constexpr std::size_t longest = 4096;
  Result<std::string> key = read_file(file, longest);
  const bool too_long = !key && key.error().code == Errc::too_large;
  if (!key && !too_long) return context(key.error(), "reading the key for secrets");
  if (too_long || key->size() != crypto_secretbox_KEYBYTES) {
    return fail(Errc::corrupt,
                fmt::format("{} holds {} bytes where a key has {}", file.string(),
                            too_long ? fmt::format("over {}", longest) : std::to_string(key->size()),
                            crypto_secretbox_KEYBYTES));
  }
  return SecretBox(std::move(*key));
}

Result<SecretBox> SecretBox::open_or_make(const std::filesystem::path& file, Entropy& entropy) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    const std::string fresh = entropy.bytes(crypto_secretbox_KEYBYTES);
    if (Status written = write_file_durably(file, fresh, 0600); !written) {
      return context(written.error(), "making the key for secrets");
    }
  }
  return open(file);
}

std::string SecretBox::seal(std::string_view plain, Entropy& entropy) const {
  std::string out = entropy.bytes(crypto_secretbox_NONCEBYTES);
  const std::string nonce = out;
  out.resize(nonce.size() + crypto_secretbox_MACBYTES + plain.size());
  crypto_secretbox_easy(data_of(out) + nonce.size(), data_of(plain), plain.size(), data_of(nonce),
                        data_of(key_));
  return out;
}

Result<std::string> SecretBox::unseal(std::string_view sealed) const {
  constexpr std::size_t overhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
  if (sealed.size() < overhead) return fail(Errc::corrupt, "a stored secret is too short to be one");
  std::string plain(sealed.size() - overhead, '\0');
  const std::string_view nonce = sealed.substr(0, crypto_secretbox_NONCEBYTES);
  const std::string_view cipher = sealed.substr(crypto_secretbox_NONCEBYTES);
  if (crypto_secretbox_open_easy(data_of(plain), data_of(cipher), cipher.size(), data_of(nonce),
                                 data_of(key_)) != 0) {
    return fail(Errc::corrupt, "a stored secret does not open with this data directory's key");
  }
  return plain;
}

}  // namespace kiln
