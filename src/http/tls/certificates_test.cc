#include "http/tls/certificates.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <ctime>

#include "base/fs.h"
#include "testing/temp_dir.h"

namespace kiln::http {
namespace {

constexpr int kDay = 86'400;

class CertificatesTest : public ::testing::Test {
 protected:
  // Writes a pair that signs itself, for that name and so many days.
  CertificateFiles make(const std::string& name, int days) {
    const std::string stem = (folder_.path() / name).string();
    CertificateFiles files{stem + ".crt", stem + ".key"};
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* one = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(one), 1);
    X509_gmtime_adj(X509_getm_notBefore(one), 0);
    X509_gmtime_adj(X509_getm_notAfter(one), long{days} * kDay);
    X509_set_pubkey(one, key);
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + name).c_str());
    X509_add_ext(one, names, -1);
    X509_sign(one, key, EVP_sha256());
    FILE* out = fopen(files.certificate.c_str(), "w");
    PEM_write_X509(out, one);
    fclose(out);
    out = fopen(files.key.c_str(), "w");
    PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    fclose(out);
    X509_EXTENSION_free(names);
    X509_free(one);
    EVP_PKEY_free(key);
    return files;
  }

  testing::TempDir folder_;
};

TEST_F(CertificatesTest, AreChosenByTheNameThatIsAskedFor) {
  const auto all = Certificates::read({make("kiln.test", 9), make("*.workers.test", 3)});
  ASSERT_TRUE(all) << all.error().message;
  ssl_ctx_st* const first = (*all)->context_for("");
  EXPECT_EQ((*all)->context_for("kiln.test"), first);
  EXPECT_EQ((*all)->context_for("elsewhere.test"), first);
  EXPECT_NE((*all)->context_for("hello.workers.test"), first);
  EXPECT_EQ((*all)->context_for("a.hello.workers.test"), first) << "a star is one label";
  const TimeMs until_end = (*all)->expires_on() - TimeMs{time(nullptr)} * 1'000;
  EXPECT_NEAR(static_cast<double>(until_end) / 1'000, 3.0 * kDay, 60) << "of the one that ends first";
}

TEST_F(CertificatesTest, AreRefusedByTheFileThatIsWrong) {
  const CertificateFiles one = make("one.test", 1);
  const CertificateFiles other = make("other.test", 1);
  const auto file_of = [](const CertificateFiles& files) {
    const auto read = Certificates::read({files});
    EXPECT_FALSE(read);
    EXPECT_EQ(read ? Errc::internal : read.error().code, Errc::invalid);
    return read ? std::string() : read.error().field;
  };
  EXPECT_EQ(file_of({one.certificate, other.key}), other.key) << "no pair";
  EXPECT_EQ(file_of({one.key, one.key}), one.key);
  EXPECT_EQ(file_of({one.certificate + "x", one.key}), one.certificate + "x");
  EXPECT_EQ(file_of({one.certificate, one.certificate}), one.certificate);
}

}  // namespace
}  // namespace kiln::http
