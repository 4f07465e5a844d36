// Starts one fake source host on a loopback port and says which, as one line of JSON:
//   node main.mjs github|ghes|gitlab|gitea|forgejo|bitbucket|bitbucket_server [PORT]
// It ends when its standard input does, so that no fake outlives the test that started it.
import { BitbucketServer } from './bitbucket_server/forge.mjs';
import { Bitbucket } from './bitbucket/forge.mjs';
import { Gitea } from './gitea/forge.mjs';
import { GitHub } from './github/forge.mjs';
import { GitLab } from './gitlab/forge.mjs';
import { Fake } from './lib/server.mjs';

const KINDS = {
  github: (fake) => new GitHub(fake),
  ghes: (fake) => new GitHub(fake, { ghes: true }),
  gitlab: (fake) => new GitLab(fake),
  gitea: (fake) => new Gitea(fake),
  forgejo: (fake) => new Gitea(fake, { name: 'forgejo' }),
  bitbucket: (fake) => new Bitbucket(fake),
  bitbucket_server: (fake) => new BitbucketServer(fake),
};

const [kind, port = '0'] = process.argv.slice(2);
if (!KINDS[kind]) {
  console.error(`usage: node main.mjs ${Object.keys(KINDS).join('|')} [PORT]`);
  process.exit(2);
}
const fake = new Fake(KINDS[kind]);
console.log(JSON.stringify({ kind, port: await fake.listen(Number(port)) }));
process.stdin.resume().on('end', () => process.exit(0));
