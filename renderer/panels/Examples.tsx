import { t } from '../language/language.ts'
import { useEngine } from '../state/engine.ts'
import { useForm } from '../state/form-in-force.ts'
import { openGetModels } from '../state/models.ts'
import { edit, endEdit, useStudio } from '../state/studio.ts'

/** Examples go when this many pictures exist: by then somebody knows how it works. */
const ENOUGH = 10

/** What the model is, and three prompts to begin with: they put their words into the dock, and Generate has the focus. */
export function Examples() {
  const { model } = useForm()
  const empty = useStudio(({ draft }) => draft.prompt === '' && draft.staged.length === 0)
  const pictures = useEngine(state => state.pictures)
  if (model === undefined || !empty || pictures === undefined || pictures >= ENOUGH) return null
  const examples = model.examples.slice(1, 4)
  if (examples.length === 0) return null
  const use = (prompt: string) => {
    endEdit()
    edit('example', { prompt })
    setTimeout(() => document.querySelector<HTMLElement>('[data-testid="generate"]')?.focus())
  }
  return (
    <div className="examples" data-testid="examples">
      {model.embedded && (
        <p>
          <b>{model.name}</b> {t('came with Sfumato. It works on this computer alone, without a network.')}{' '}
          <button type="button" className="link" onClick={openGetModels} data-testid="larger-model">
            {t('Get a larger model')}
          </button>
        </p>
      )}
      <div className="ex">
        {examples.map(example => (
          <button key={example} type="button" className="chip" onClick={() => use(example)}>
            {example}
          </button>
        ))}
      </div>
    </div>
  )
}
