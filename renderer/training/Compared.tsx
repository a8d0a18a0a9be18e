import type { CSSProperties } from 'react'
import { t } from '../language/language.ts'
import { blobUrl, type TrainingHistory } from '../state/api.ts'
import { bestStep, lookAtStep, rowsOfLooks, useTrainings } from '../state/trainings.ts'
import { StepSlider } from './StepSlider.tsx'

/** Two steps side by side on the same prompts and seeds: another at the left, the one that is looked at at the right. */
export function Compared({ history, step }: { history: TrainingHistory; step: number | undefined }) {
  const chosen = useTrainings(state => state.other)
  const { looks, heldBack } = history
  const right = looks.findLast(look => look.step <= (step ?? 0)) ?? looks[0]
  const left = looks.find(look => look.step === chosen) ?? looks.findLast(look => look.step !== right.step) ?? looks[0]
  const sides = [
    { name: 'left', look: left, onStep: (next: number) => useTrainings.setState({ other: next }) },
    { name: 'right', look: right, onStep: lookAtStep },
  ]
  const columns: CSSProperties & { '--looks': number } = { '--looks': looks.length }
  return (
    <div className="compared" data-testid="compared">
      {sides.map(({ name, look, onStep }) => (
        <div key={name} className="side">
          <h3 className="num">
            {t('Step')} {look.step}
            <span className="t3">{lossWords(heldBack, look.step, bestStep(history))}</span>
          </h3>
          <div className="side-slider" style={columns}>
            <StepSlider
              label={name === 'right' ? t('Step') : t('Step at the left')}
              history={history}
              step={look.step}
              onStep={onStep}
            />
          </div>
          {rowsOfLooks(history).map(({ key, prompt, place }) => (
            <figure key={key}>
              {look.pictures[place] === undefined ? (
                <span className="fm" />
              ) : (
                <img
                  className={name === 'right' ? 'on' : ''}
                  src={blobUrl(look.pictures[place])}
                  alt={t('{prompt}, step {step}', { prompt, step: look.step })}
                />
              )}
              <figcaption className="cut" title={prompt}>
                {prompt}
              </figcaption>
            </figure>
          ))}
        </div>
      ))}
    </div>
  )
}

/** "held back 0.071, the best" */
function lossWords(heldBack: TrainingHistory['heldBack'], step: number, best: number | undefined): string {
  const loss = heldBack.find(([each]) => each === step)?.[1]
  if (loss === undefined) return ''
  const words = { loss: loss.toFixed(3) }
  return step === best ? t('held back {loss}, the best', words) : t('held back {loss}', words)
}
