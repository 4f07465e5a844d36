// Secrets of the Worker itself: names are seen, texts only written.
import { useState } from 'preact/hooks';
import { api, done, here, result } from '../../api/client.ts';
import { type ApiError, asApiError } from '../../api/errors.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import { notice } from '../../parts/notices.tsx';
import { Empty, Problem } from '../../parts/problem.tsx';
import { plain } from '../../words/plain.ts';

export function WorkerSecrets({ name }: { name: string }) {
  const path = { ...here(), script_name: name };
  const secrets = useLoad(`secrets ${name}`, () => result(api.GET('/client/v4/accounts/{account_id}/workers/scripts/{script_name}/secrets', { params: { path } })));
  const [key, setKey] = useState('');
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<ApiError | null>(null);
  const put = async (): Promise<void> => {
    setProblem(null);
    try {
      await result(api.PUT('/client/v4/accounts/{account_id}/workers/scripts/{script_name}/secrets', { params: { path }, body: { name: key, text, type: 'secret_text' } }));
      notice('good', `${key} is set, in a new version that is live`);
      setKey('');
      setText('');
      secrets.reload();
    } catch (refused) {
      setProblem(asApiError(refused));
    }
  };
  const drop = async (secret_name: string): Promise<void> => {
    try {
      await done(api.DELETE('/client/v4/accounts/{account_id}/workers/scripts/{script_name}/secrets/{secret_name}', { params: { path: { ...path, secret_name } } }));
    } catch (refused) {
      notice('bad', asApiError(refused).message);
    }
    secrets.reload();
  };
  if (secrets.problem?.status === 404) return null; // before its first upload a Worker has none
  return (
    <section aria-labelledby="secrets">
      <h2 id="secrets">Secrets of the Worker</h2>
      {secrets.problem && <Problem problem={secrets.problem} retry={secrets.reload} />}
      {secrets.data?.length === 0 && <Empty>There are none.</Empty>}
      {secrets.data && secrets.data.length > 0 && (
        <table class="list"><thead><tr><th scope="col">Name</th><th scope="col" class="end"><span class="unseen">Act</span></th></tr></thead>
          <tbody>{secrets.data.map((secret) => <tr key={secret.name}><th scope="row"><code>{plain(secret.name)}</code></th><td class="end">{may('scripts:write') && <button type="button" class="quiet small" aria-label={`Delete ${secret.name}`} onClick={() => void drop(secret.name)}>Delete</button>}</td></tr>)}</tbody></table>
      )}
      {may('scripts:write') && (
        <form class="row" onSubmit={(event) => { event.preventDefault(); void put(); }}>
          <label>Name<input type="text" required maxLength={1024} value={key} onInput={(event) => setKey(event.currentTarget.value)} spellcheck={false} /></label>
          <label class="grow">Text, which is not shown again<input type="password" autocomplete="off" required value={text} onInput={(event) => setText(event.currentTarget.value)} /></label>
          <button type="submit">Set</button>
        </form>
      )}
      {problem && <Problem problem={problem} />}
    </section>
  );
}
