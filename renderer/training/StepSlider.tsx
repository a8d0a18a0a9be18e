import { t } from '../language/language.ts'
import type { TrainingHistory } from '../state/api.ts'

interface Props {
  readonly label: string
  readonly history: TrainingHistory
  readonly step: number | undefined
  readonly onStep: (step: number) => void
}

/** Step numbers that are written under a slider. */
const MOST_LABELS = 16

/** Walks through the looks of a run; the arrow keys too. */
export function StepSlider({ label, history: { looks }, step, onStep }: Props) {
  const steps = looks.map(look => look.step)
  const at = Math.max(
    0,
    steps.findLastIndex(each => each <= (step ?? 0)),
  )
  if (steps.length < 2) return null
  const every = Math.ceil(steps.length / MOST_LABELS)
  return (
    <div className="film-slider">
      <input
        type="range"
        aria-label={label}
        aria-valuetext={t('step {step}', { step: steps[at] ?? 0 })}
        min={0}
        max={steps.length - 1}
        step={1}
        value={at}
        onChange={event => onStep(steps[Number(event.target.value)])}
        data-testid={label === 'Step' ? 'step-slider' : 'other-slider'}
      />
      <div className="film-steps num" aria-hidden="true">
        {steps.map((each, k) => (
          <span key={each} className={k === at ? 'on' : ''}>
            {k % every === 0 || k === at ? each : ''}
          </span>
        ))}
      </div>
    </div>
  )
}
