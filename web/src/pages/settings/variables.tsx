// Build variables of a trigger. A secret goes in and never comes out.
import { useState } from 'preact/hooks';
import { api, done, here, result } from '../../api/client.ts';
import { type ApiError, asApiError } from '../../api/errors.ts';
import { may } from '../../api/session.ts';
import type { Variables } from '../../api/types.ts';
import { Icon } from '../../parts/icon.tsx';
import { notice } from '../../parts/notices.tsx';
import { Problem } from '../../parts/problem.tsx';
import { When } from '../../parts/when.tsx';
import { plain } from '../../words/plain.ts';

interface Props {
  trigger: string;
  variables: Variables | null;
  problem: ApiError | null;
  changed: () => void;
}

export function BuildVariables({ trigger, variables, problem, changed }: Props) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const [isSecret, setSecret] = useState(false);
  const [refusal, setRefusal] = useState<ApiError | null>(null);
  const path = { ...here(), trigger_uuid: trigger };
  const put = async (): Promise<void> => {
    setRefusal(null);
    try {
      await result(api.PATCH('/client/v4/accounts/{account_id}/builds/triggers/{trigger_uuid}/environment_variables', { params: { path }, body: { [name]: { is_secret: isSecret, value } } }));
      setName('');
      setValue('');
      changed();
    } catch (refused) {
      setRefusal(asApiError(refused));
    }
  };
  const drop = async (key: string): Promise<void> => {
    try {
      await done(api.DELETE('/client/v4/accounts/{account_id}/builds/triggers/{trigger_uuid}/environment_variables/{key}', { params: { path: { ...path, key } } }));
    } catch (refused) {
      notice('bad', asApiError(refused).message);
    }
    changed();
  };
  const entries = Object.entries(variables ?? {});
  return (
    <div class="variables">
      <h3>Build variables</h3>
      {problem && <Problem problem={problem} retry={changed} />}
      {entries.length > 0 && (
        <table class="list"><thead><tr><th scope="col">Name</th><th scope="col">Value</th><th scope="col">Set</th><th scope="col" class="end"><span class="unseen">Act</span></th></tr></thead>
          <tbody>{entries.map(([key, variable]) => (
            <tr key={key}><th scope="row"><code>{key}</code></th><td>{variable.is_secret ? <span class="state quiet"><Icon name="key" /><span>secret</span></span> : <bdi class="value">{plain(variable.value ?? '')}</bdi>}</td>
              <td><When at={variable.created_on} /></td>
              <td class="end">{may('ci:write') && <><button type="button" class="quiet small" onClick={() => { setName(key); setSecret(variable.is_secret); setValue(variable.value ?? ''); }}>Change</button> <button type="button" class="quiet small" aria-label={`Delete ${key}`} onClick={() => void drop(key)}>Delete</button></>}</td></tr>
          ))}</tbody></table>
      )}
      {may('ci:write') && (
        <form class="row" onSubmit={(event) => { event.preventDefault(); void put(); }}>
          <label>Name<input type="text" required pattern="[A-Za-z_][A-Za-z0-9_]*" maxLength={256} value={name} onInput={(event) => setName(event.currentTarget.value)} spellcheck={false} /></label>
          <label class="grow">Value
            {isSecret
              ? <input type="password" autocomplete="off" maxLength={5120} value={value} onInput={(event) => setValue(event.currentTarget.value)} />
              : <input type="text" autocomplete="off" maxLength={5120} value={value} onInput={(event) => setValue(event.currentTarget.value)} spellcheck={false} />}
          </label>
          <label class="check"><input type="checkbox" checked={isSecret} onChange={(event) => setSecret(event.currentTarget.checked)} /> secret</label>
          <button type="submit">Set</button>
        </form>
      )}
      {refusal && <Problem problem={refusal} />}
    </div>
  );
}
