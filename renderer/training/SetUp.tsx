import { useMemo } from 'react'
import { Button } from '../components/Button.tsx'
import type { Dataset, ModelInfo, OperationInfo, TrainingEstimate } from '../state/api.ts'
import { fieldsOf } from '../state/form.ts'
import { sentenceOf } from '../state/problem.ts'
import { setParameter, start, useTrainings, usualValue } from '../state/trainings.ts'
import { duration, sizeWords } from '../state/words.ts'

interface Props {
  readonly dataset: Dataset
  readonly operation: OperationInfo | undefined
  readonly model: ModelInfo | undefined
  readonly estimate: TrainingEstimate | undefined
}

/** The next training in one column: its name, what kind of thing it is, its pictures, what it will take, and the start. */
export function SetUp({ dataset, operation, model, estimate }: Props) {
  const { values, busy, refused } = useTrainings()
  const fields = useMemo(() => (operation === undefined ? [] : fieldsOf(operation)), [operation])
  if (operation === undefined || model === undefined) {
    return (
      <section className="mbox">
        <h2>Nothing to teach</h2>
        <p className="mwords">No model on this computer can be taught. Get one in Models.</p>
      </section>
    )
  }
  const empty = dataset.pictures === 0
  return (
    <section className="mbox set-up" aria-labelledby="set-up-title" data-region="teach-start" data-testid="set-up">
      <h2 id="set-up-title">{operation.description}</h2>
      <div className="stack">
        {fields
          .filter(({ name }) => name === 'identifier' || name === 'class')
          .map(field => (
            <label key={field.name} className="field" title={field.description}>
              <span className="l">{field.name === 'class' ? 'Kind of thing' : 'Name in prompts'}</span>
              <input
                className="v"
                type="text"
                autoComplete="off"
                spellCheck={false}
                placeholder={field.name === 'class' ? 'cat, robot, chair' : undefined}
                value={String(values[field.name] ?? usualValue(field, values, fields) ?? '')}
                onChange={event => setParameter(field.name, event.target.value)}
                data-testid={`teach-${field.name}`}
              />
            </label>
          ))}
      </div>
      <p className="mwords t12" data-testid="training-estimate">
        {picturesWords(dataset, estimate?.heldBack ?? 0)}
        {estimate?.seconds !== undefined && ` About ${duration(estimate.seconds)},`}
        {estimate !== undefined &&
          ` ${sizeWords(Number(estimate.memory.toPrecision(2)))} of memory${estimate.seconds === undefined ? '; no time is known before the first training' : ''}.`}
      </p>
      {dataset.pictures === 1 && (
        <p className="mwords warn-text t12">One picture is little: its background and pose are learned as well.</p>
      )}
      {estimate?.fits === false && (
        <div className="mwords warn-text t12" role="status" data-testid="over-budget">
          It needs {sizeWords(estimate.memory)}, and models may use {sizeWords(estimate.budget)}.
          <div className="mdo">
            {estimate.choices.map(({ words, parameters = {} }) => (
              <Button
                key={words}
                small
                onClick={() => {
                  for (const [name, value] of Object.entries(parameters)) setParameter(name, value)
                }}
              >
                {words}
              </Button>
            ))}
          </div>
        </div>
      )}
      {refused !== undefined && (
        <p className="mwords mproblem" role="alert" data-testid="training-refused">
          {sentenceOf(refused)}
        </p>
      )}
      <div className="mdo">
        <Button
          look="primary"
          busy={busy === 'start'}
          disabled={empty || dataset.progress !== undefined}
          title={
            empty
              ? 'There is no picture to learn from.'
              : dataset.progress !== undefined
                ? 'The folder is still looked through.'
                : undefined
          }
          onClick={() => void start(operation, model)}
          data-testid="start-training"
        >
          Start
        </Button>
      </div>
    </section>
  )
}

function picturesWords({ pictures }: Dataset, heldBack: number): string {
  if (heldBack === 0) return `Learns from ${pictures === 1 ? '1 picture' : `${pictures} pictures`}.`
  return `Learns from ${pictures - heldBack} pictures; ${heldBack} ${heldBack === 1 ? 'is' : 'are'} held back, to tell when to stop.`
}
