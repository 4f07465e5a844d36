// Tokens that builds deploy with: made once, never shown again.
import { useState } from 'preact/hooks';
import { api, done, here, result, whole } from '../../api/client.ts';
import { type ApiError, asApiError } from '../../api/errors.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Empty, Problem } from '../../parts/problem.tsx';
import { plain } from '../../words/plain.ts';

export function BuildTokens() {
  const tokens = useLoad('build tokens', async () => (await whole(api.GET('/client/v4/accounts/{account_id}/builds/tokens', { params: { path: here() } }))).result);
  const [making, setMaking] = useState(false);
  const [deleting, setDeleting] = useState<{ build_token_uuid: string; build_token_name: string } | null>(null);
  return (
    <section aria-labelledby="build-tokens">
      <div class="section-head"><h2 id="build-tokens">Build tokens</h2>{may('ci:write') && <button type="button" onClick={() => setMaking(true)}><Icon name="plus" />Add</button>}</div>
      <p class="dim">What builds deploy with when a trigger names it; without one each build gets a token of its own that ends with it.</p>
      {tokens.problem && <Problem problem={tokens.problem} retry={tokens.reload} />}
      {tokens.data?.length === 0 && <Empty>There are none.</Empty>}
      {tokens.data && tokens.data.length > 0 && (
        <table class="list"><thead><tr><th scope="col">Name</th><th scope="col">Token’s id</th><th scope="col" class="end"><span class="unseen">Act</span></th></tr></thead>
          <tbody>{tokens.data.map((token) => (
            <tr key={token.build_token_uuid}><th scope="row"><bdi>{plain(token.build_token_name)}</bdi></th><td><code>{plain(token.cloudflare_token_id)}</code></td>
              <td class="end">{may('ci:write') && <button type="button" onClick={() => setDeleting(token)}>Delete</button>}</td></tr>
          ))}</tbody></table>
      )}
      {making && <NewToken close={() => setMaking(false)} made={tokens.reload} />}
      {deleting && (
        <Confirm title="Delete the build token" action="Delete" danger close={() => setDeleting(null)} run={async () => {
          await done(api.DELETE('/client/v4/accounts/{account_id}/builds/tokens/{build_token_uuid}', { params: { path: { ...here(), build_token_uuid: deleting.build_token_uuid } } }));
          tokens.reload();
        }}><p>Builds of triggers that name “{plain(deleting.build_token_name)}” cannot deploy any more.</p></Confirm>
      )}
    </section>
  );
}

function NewToken({ close, made }: { close: () => void; made: () => void }) {
  const [name, setName] = useState('');
  const [id, setId] = useState('');
  const [secret, setSecret] = useState('');
  const [problem, setProblem] = useState<ApiError | null>(null);
  const go = async (): Promise<void> => {
    try {
      await result(api.POST('/client/v4/accounts/{account_id}/builds/tokens', { params: { path: here() }, body: { build_token_name: name, cloudflare_token_id: id, build_token_secret: secret } }));
      made();
      close();
    } catch (refused) {
      setProblem(asApiError(refused));
    }
  };
  return (
    <Dialog title="Add a build token" close={close}>
      <form class="stacked" onSubmit={(event) => { event.preventDefault(); void go(); }}>
        <label>Name<input type="text" required maxLength={256} value={name} onInput={(event) => setName(event.currentTarget.value)} /></label>
        <label>Token’s id<input type="text" required maxLength={256} value={id} onInput={(event) => setId(event.currentTarget.value)} spellcheck={false} /></label>
        <label>Token, which is not shown again<input type="password" required autocomplete="off" value={secret} onInput={(event) => setSecret(event.currentTarget.value)} /></label>
        {problem && <Problem problem={problem} />}
        <div class="buttons"><button type="submit" class="main">Add</button><button type="button" onClick={close}>Back</button></div>
      </form>
    </Dialog>
  );
}
