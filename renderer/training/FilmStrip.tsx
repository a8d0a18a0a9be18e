import { Columns2, Plus } from 'lucide-react'
import { type CSSProperties, useEffect, useRef, useState } from 'react'
import { Button } from '../components/Button.tsx'
import { Form } from '../components/Form.tsx'
import { t } from '../language/language.ts'
import { blobUrl, type TrainingHistory } from '../state/api.ts'
import {
  addPrompt,
  isLocked,
  lookAtStep,
  rowsOfLooks,
  type Stage,
  shownStep,
  useTrainings,
} from '../state/trainings.ts'
import { Compared } from './Compared.tsx'
import { StepSlider } from './StepSlider.tsx'

interface Props {
  readonly run: string
  readonly history: TrainingHistory
  readonly stage: Stage
}

/** What a run draws of each prompt, look by look, with the same seed; one slider for all rows. */
export function FilmStrip({ run, history, stage }: Props) {
  const chosen = useTrainings(state => state.step)
  const comparing = useTrainings(state => state.comparing)
  const [isAdding, setAdding] = useState(false)
  const { looks, prompts } = history
  const step = shownStep(history, chosen)
  if (looks.length === 0) return null
  const goesOn = isLocked(stage) || stage === 'paused'
  return (
    <section className="pane" aria-labelledby="film-title" data-testid="film-strip">
      <div className="pane-head">
        <h2 id="film-title">{t('Same seed, step by step')}</h2>
        {looks.length > 1 && (
          <Button
            look="ghost"
            small
            aria-pressed={comparing}
            onClick={() => useTrainings.setState({ comparing: !comparing })}
            data-testid="compare-two"
          >
            <Columns2 size={16} strokeWidth={1.5} aria-hidden="true" />
            {comparing ? t('All steps') : t('Compare two')}
          </Button>
        )}
        {prompts.length > 0 && (
          <Button
            look="ghost"
            small
            aria-expanded={isAdding && goesOn}
            disabled={!goesOn}
            title={goesOn ? undefined : t('Pictures of another prompt are drawn only while it learns.')}
            onClick={() => setAdding(!isAdding)}
            data-testid="add-prompt"
          >
            <Plus size={16} strokeWidth={1.5} aria-hidden="true" />
            {t('Prompt')}
          </Button>
        )}
      </div>
      {isAdding && goesOn && <PromptForm run={run} onEnd={() => setAdding(false)} />}
      {comparing ? <Compared history={history} step={step} /> : <Film history={history} step={step} />}
    </section>
  )
}

/** One more prompt; Esc leaves it. */
function PromptForm({ run, onEnd }: { run: string; onEnd: () => void }) {
  const [prompt, setPrompt] = useState('')
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  return (
    <Form
      className="get-form prompt-form"
      onSubmit={async () => {
        if (prompt.trim() !== '' && (await addPrompt(run, prompt.trim()))) onEnd()
      }}
    >
      <label className="field">
        <span className="sr">{t('Another prompt to watch it by')}</span>
        <input
          ref={field}
          type="text"
          placeholder={t('Another prompt to watch it by, from the next look on')}
          autoComplete="off"
          value={prompt}
          onChange={event => setPrompt(event.target.value)}
          onKeyDown={event => event.key === 'Escape' && onEnd()}
          data-testid="prompt-field"
        />
      </label>
      <Button small type="submit" disabled={prompt.trim() === ''}>
        {t('Add')}
      </Button>
    </Form>
  )
}

/** All looks beside each other, a row for each prompt; they scroll together where there are many. */
function Film({ history, step }: { history: TrainingHistory; step: number | undefined }) {
  const { looks } = history
  const scroller = useRef<HTMLDivElement>(null)
  const columns: CSSProperties & { '--looks': number } = { '--looks': looks.length }
  // biome-ignore lint/correctness/useExhaustiveDependencies: another step is another picture to be seen
  useEffect(() => {
    scroller.current?.querySelector('.fm.on')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [step])
  return (
    <div ref={scroller} className="film-scroll">
      <div className="film-all" style={columns}>
        {rowsOfLooks(history).map(({ key, prompt, place }) => (
          <div key={key} className="film">
            <p className="t12 t2 cut">{prompt}</p>
            <div className="films">
              {looks.map(look => (
                <button
                  key={look.step}
                  type="button"
                  tabIndex={-1}
                  className={look.step === step ? 'fm on' : 'fm'}
                  aria-label={t(
                    look.pictures[place] === undefined ? '{prompt}, step {step}, not drawn' : '{prompt}, step {step}',
                    { prompt, step: look.step },
                  )}
                  onClick={() => lookAtStep(look.step)}
                >
                  {look.pictures[place] !== undefined && (
                    <img src={blobUrl(look.pictures[place])} alt="" draggable={false} decoding="async" />
                  )}
                </button>
              ))}
            </div>
          </div>
        ))}
        <StepSlider label={t('Step')} history={history} step={step} onStep={lookAtStep} />
      </div>
    </div>
  )
}
