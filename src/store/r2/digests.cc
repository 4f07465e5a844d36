#include "store/r2/digests.h"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>

namespace kiln::store::r2 {
namespace {

const EVP_MD* algorithm_of(std::size_t kind) {
  switch (static_cast<DigestKind>(kind)) {
    case DigestKind::md5:
      return EVP_md5();
    case DigestKind::sha1:
      return EVP_sha1();
    case DigestKind::sha256:
      return EVP_sha256();
    case DigestKind::sha384:
      return EVP_sha384();
    case DigestKind::sha512:
      return EVP_sha512();
  }
  return nullptr;
}

}  // namespace

struct Digests::Impl {
  using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
  std::array<Context, kDigestKinds> contexts{
      Context{nullptr, &EVP_MD_CTX_free}, Context{nullptr, &EVP_MD_CTX_free},
      Context{nullptr, &EVP_MD_CTX_free}, Context{nullptr, &EVP_MD_CTX_free},
      Context{nullptr, &EVP_MD_CTX_free}};
};

Digests::Digests() : impl_(std::make_unique<Impl>()) {}
Digests::~Digests() = default;
Digests::Digests(Digests&&) noexcept = default;
Digests& Digests::operator=(Digests&&) noexcept = default;

// Only memory can lack.
void Digests::want(DigestKind kind) {
  Impl::Context& context = impl_->contexts.at(static_cast<std::size_t>(kind));
  if (context) return;
  context.reset(EVP_MD_CTX_new());
  const EVP_MD* const algorithm = algorithm_of(static_cast<std::size_t>(kind));
  if (!context || EVP_DigestInit_ex(context.get(), algorithm, nullptr) != 1) std::abort();
}

void Digests::add(std::string_view bytes) {
  for (const Impl::Context& context : impl_->contexts) {
    if (context && EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) != 1) std::abort();
  }
}

DigestSet Digests::end() {
  DigestSet out;
  for (std::size_t kind = 0; kind < kDigestKinds; ++kind) {
    const Impl::Context& context = impl_->contexts[kind];
    if (!context) continue;
    out[kind].resize(model::kDigestSizes[kind]);
    unsigned int length = 0;
    if (EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(out[kind].data()), &length) != 1)
      std::abort();
  }
  return out;
}

}  // namespace kiln::store::r2
