import { X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '../components/Button.tsx'
import { IconButton } from '../components/IconButton.tsx'
import type { ModelInfo } from '../state/api.ts'
import { engine, useEngine } from '../state/engine.ts'
import { useForm } from '../state/form-in-force.ts'
import { kindWords, takeToStudio, useModels } from '../state/models.ts'
import { sizeWords } from '../state/words.ts'
import { needWords } from './ModelCard.tsx'
import { usePictures } from './use-pictures.ts'

/** The hash of a large model takes seconds to compute: it comes when it is there. */
function useDetails({ id, problem }: ModelInfo) {
  const [details, setDetails] = useState<{ hash: string; licence?: string }>()
  useEffect(() => {
    let current = true
    setDetails(undefined)
    if (problem !== undefined) return
    engine()
      .then(api => api.models.details({ id }))
      .then(
        found => current && setDetails(found),
        () => current && setDetails(undefined),
      )
    return () => {
      current = false
    }
  }, [id, problem])
  return details
}

/** Everything that is known of a model. */
export function ModelDetails({ model }: { model: ModelInfo }) {
  const { model: inUse } = useForm()
  const { total } = usePictures(model.name)
  const details = useDetails(model)
  const samplers = useEngine(state => state.samplers)
  const { defaults } = model
  const sampler = samplers.find(({ className }) => className === defaults.sampler)?.title ?? defaults.sampler
  const rows =
    model.problem === undefined
      ? [
          ['Kind', kindWords(model.kind)],
          ['Size', `${sizeWords(model.bytes)}, ${model.precision}`],
          ['Needs', needWords(model)],
          ['Own values', `${defaults.steps} steps, guidance ${defaults.guidance}, ${sampler}`],
          ['Prompt', `up to ${model.promptTokens} tokens`],
          ['Licence', details === undefined ? '' : (details.licence ?? 'not told')],
          ['Used by', total === 1 ? '1 picture' : `${total} pictures`],
          ['Hash', details?.hash.slice(0, 12) ?? ''],
          ['Lies in', model.path],
        ]
      : [['Lies in', model.path]]
  return (
    <section
      className="mbox"
      aria-label={`Details of ${model.name}`}
      data-region="model-details"
      data-testid="model-details"
    >
      <h2>
        <span className="grow cut">{model.name}</span>
        <IconButton label="Close" small onClick={() => useModels.setState({ opened: undefined })}>
          <X size={14} strokeWidth={1.5} />
        </IconButton>
      </h2>
      {model.problem !== undefined && <p className="mwords">{model.problem}</p>}
      <dl className="dl">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {model.problem === undefined && (
        <div className="mdo">
          <Button small shortcut="↵" onClick={() => takeToStudio(model)} data-testid="use-model">
            {model.id === inUse?.id ? 'Go to the Studio' : 'Use in Studio'}
          </Button>
        </div>
      )}
    </section>
  )
}
