import { Columns2 } from 'lucide-react'
import type { CSSProperties } from 'react'
import { Button } from '../components/Button.tsx'
import { blobUrl, type TrainingHistory } from '../state/api.ts'
import { lookAtStep, shownStep, stepsOf, useTrainings } from '../state/trainings.ts'

/** What a run draws of each prompt, look by look, with the same seed; one slider for all rows. */
export function FilmStrip({ history }: { history: TrainingHistory }) {
  const chosen = useTrainings(state => state.step)
  const comparing = useTrainings(state => state.comparing)
  const { looks, prompts } = history
  const step = shownStep(history, chosen)
  if (looks.length === 0) return null
  const rows = prompts.length > 0 ? prompts : looks[0].pictures.map((_, k) => `Picture ${k + 1}`)
  return (
    <section className="pane" aria-labelledby="film-title" data-testid="film-strip">
      <div className="pane-head">
        <h2 id="film-title">Same seed, step by step</h2>
        {looks.length > 1 && (
          <Button
            look="ghost"
            small
            aria-pressed={comparing}
            onClick={() => useTrainings.setState({ comparing: !comparing })}
            data-testid="compare-two"
          >
            <Columns2 size={16} strokeWidth={1.5} aria-hidden="true" />
            {comparing ? 'All steps' : 'Compare two'}
          </Button>
        )}
      </div>
      {comparing ? (
        <Compared history={history} step={step} rows={rows} />
      ) : (
        rows.map((prompt, row) => (
          <div key={prompt} className="film">
            <p className="t12 t2 cut">{prompt}</p>
            <div className="films" style={columns(looks.length)}>
              {looks.map(look => (
                <button
                  key={look.step}
                  type="button"
                  tabIndex={-1}
                  className={look.step === step ? 'fm on' : 'fm'}
                  aria-label={`${prompt}, step ${look.step}`}
                  onClick={() => lookAtStep(look.step)}
                >
                  {look.pictures[row] !== undefined && (
                    <img src={blobUrl(look.pictures[row])} alt="" draggable={false} decoding="async" />
                  )}
                </button>
              ))}
            </div>
          </div>
        ))
      )}
      <StepSlider label="Step" history={history} step={step} onStep={lookAtStep} />
    </section>
  )
}

/** How many looks stand beside each other. */
const columns = (looks: number): CSSProperties & { '--looks': number } => ({ '--looks': looks })

interface SliderProps {
  readonly label: string
  readonly history: TrainingHistory
  readonly step: number | undefined
  readonly onStep: (step: number) => void
}

/** Walks through the looks of a run; the arrow keys too. */
function StepSlider({ label, history, step, onStep }: SliderProps) {
  const steps = stepsOf(history).filter(each => history.looks.some(look => look.step === each))
  const at = Math.max(
    0,
    steps.findLastIndex(each => each <= (step ?? 0)),
  )
  if (steps.length < 2) return null
  return (
    <div className="film-slider" style={columns(steps.length)}>
      <input
        type="range"
        aria-label={label}
        aria-valuetext={`step ${steps[at]}`}
        min={0}
        max={steps.length - 1}
        step={1}
        value={at}
        onChange={event => onStep(steps[Number(event.target.value)])}
        data-testid={label === 'Step' ? 'step-slider' : undefined}
      />
      <div className="film-steps num" aria-hidden="true">
        {steps.map((each, k) => (
          <span key={each} className={k === at ? 'on' : ''}>
            {each}
          </span>
        ))}
      </div>
    </div>
  )
}

/** Two steps side by side: the one that is looked at, and another. */
function Compared({
  history,
  step,
  rows,
}: {
  history: TrainingHistory
  step: number | undefined
  rows: readonly string[]
}) {
  const chosen = useTrainings(state => state.other)
  const { looks } = history
  const other = looks.find(look => look.step === chosen) ?? looks.find(look => look.step !== step) ?? looks[0]
  const shown = looks.findLast(look => look.step <= (step ?? 0)) ?? looks[0]
  return (
    <>
      <div className="compared" data-testid="compared">
        {rows.map((prompt, row) => (
          <div key={prompt}>
            <p className="t12 t2 cut">{prompt}</p>
            <div className="pair">
              {[other, shown].map((look, side) => (
                <figure key={side === 0 ? 'other' : 'shown'}>
                  {look.pictures[row] !== undefined && (
                    <img
                      className={side === 1 ? 'on' : ''}
                      src={blobUrl(look.pictures[row])}
                      alt={`${prompt}, step ${look.step}`}
                    />
                  )}
                  <figcaption className="num">step {look.step}</figcaption>
                </figure>
              ))}
            </div>
          </div>
        ))}
      </div>
      <StepSlider
        label="Step at the left"
        history={history}
        step={other.step}
        onStep={next => useTrainings.setState({ other: next })}
      />
    </>
  )
}
