import { TriangleAlert } from 'lucide-react'
import { type ReactNode, useMemo } from 'react'
import { Button } from '../components/Button.tsx'
import { t } from '../language/language.ts'
import type { Dataset, DatasetDetails, ModelInfo, OperationInfo, TrainingEstimate } from '../state/api.ts'
import { fieldsOf } from '../state/form.ts'
import { sentenceOf } from '../state/problem.ts'
import { useTeach } from '../state/teach.ts'
import { setParameter, start, useTrainings, usualValue } from '../state/trainings.ts'
import { duration, sizeWords } from '../state/words.ts'

interface Props {
  readonly dataset: Dataset
  readonly operation: OperationInfo | undefined
  readonly model: ModelInfo | undefined
  readonly estimate: TrainingEstimate | undefined
}

const LABELS: Readonly<Record<string, string>> = {
  identifier: 'Name in prompts',
  class: 'Kind of thing',
  name: 'Name of the result',
}

/** The next training in one column: its name, what kind of thing it is, its pictures, what it will take, and the start. */
export function SetUp({ dataset, operation, model, estimate }: Props) {
  const { values, busy, refused } = useTrainings()
  const folders = useTeach(state => state.details?.folders)
  const fields = useMemo(() => (operation === undefined ? [] : fieldsOf(operation)), [operation])
  if (operation === undefined || model === undefined) {
    return (
      <section className="mbox">
        <h2>{t('Nothing to teach')}</h2>
        <p className="mwords">{t('No model on this computer can be taught. Get one in Models.')}</p>
      </section>
    )
  }
  // What has no name in prompts is called by its file.
  const isNamed = fields.some(({ name }) => name === 'identifier')
  const asked = ['identifier', 'class', ...(isNamed && refused?.field !== 'name' && !values.name ? [] : ['name'])]
  const placeholders: Readonly<Record<string, string>> = {
    class: 'cat, robot, chair',
    ...(!isNamed && { name: t('{name} trained', { name: model.name }) }),
  }
  const hindrance = hindranceTo(dataset, model, folders)
  return (
    <section className="mbox set-up" aria-labelledby="set-up-title" data-region="teach-start" data-testid="set-up">
      <h2 id="set-up-title">{t(operation.description)}</h2>
      <div className="stack">
        {fields
          .filter(({ name }) => asked.includes(name))
          .map(field => (
            <label key={field.name} className="field" title={field.description}>
              <span className="l">{t(LABELS[field.name] ?? field.title)}</span>
              <input
                className="v"
                type="text"
                autoComplete="off"
                spellCheck={false}
                placeholder={placeholders[field.name]}
                value={String(values[field.name] ?? usualValue(field, values, fields) ?? '')}
                onChange={event => setParameter(field.name, event.target.value)}
                data-testid={`teach-${field.name}`}
              />
            </label>
          ))}
      </div>
      <p className="mwords t12" data-testid="training-estimate">
        {picturesWords(dataset, estimate?.heldBack ?? 0)}
        {model.kind === 'classes' && folders !== undefined && folders.length > 0 && classesWords(folders)}
        {estimate !== undefined &&
          ` ${t(
            estimate.seconds === undefined
              ? '{size} of memory; no time is known before the first training.'
              : 'About {time}, {size} of memory.',
            {
              size: sizeWords(Number(estimate.memory.toPrecision(2))),
              time: duration(estimate.seconds ?? 0),
            },
          )}`}
      </p>
      {dataset.pictures === 1 && (
        <Warning>{t('One picture is little: its background and pose are learned as well.')}</Warning>
      )}
      {estimate?.fits === false && <OverBudget estimate={estimate} />}
      {hindrance !== undefined && dataset.progress === undefined && (
        <Warning testId="training-hindrance">{hindrance}</Warning>
      )}
      {refused !== undefined && (
        <div className="mwords warn-text t12" role="alert" data-testid="training-refused">
          <TriangleAlert size={14} strokeWidth={1.5} aria-hidden="true" />
          <div>{sentenceOf(refused)}</div>
        </div>
      )}
      <div className="mdo">
        <Button
          look="primary"
          busy={busy === 'start'}
          disabled={hindrance !== undefined}
          title={hindrance}
          onClick={() => void start(operation, model)}
          data-testid="start-training"
        >
          {t('Start')}
        </Button>
      </div>
    </section>
  )
}

function Warning({ testId, children }: { testId?: string; children: ReactNode }) {
  return (
    <div className="mwords warn-text t12" role="status" data-testid={testId}>
      <TriangleAlert size={14} strokeWidth={1.5} aria-hidden="true" />
      <div>{children}</div>
    </div>
  )
}

/** It is told, not refused: what is loaded now may go, and the engine looks again at the start. */
function OverBudget({ estimate: { memory, budget, choices } }: { estimate: TrainingEstimate }) {
  return (
    <Warning testId="over-budget">
      {t('It needs')} {sizeWords(memory)}
      {t(', and models may use')} {sizeWords(budget)}.
      {choices.length > 0 && (
        <div className="mdo">
          {choices.map(({ words, parameters = {} }) => (
            <Button
              key={words}
              small
              onClick={() => {
                for (const [name, value] of Object.entries(parameters)) setParameter(name, value)
              }}
            >
              {words[0].toUpperCase() + words.slice(1)}
            </Button>
          ))}
        </div>
      )}
    </Warning>
  )
}

/** Why this model cannot learn from the data set now. */
function hindranceTo(
  { pictures, progress }: Dataset,
  { kind, classes = 0, name }: ModelInfo,
  folders: DatasetDetails['folders'] | undefined,
): string | undefined {
  if (progress !== undefined) return t('The folder is still looked through.')
  if (pictures === 0) return t('There is no picture to learn from.')
  if (kind !== 'classes' || folders === undefined) return undefined
  if (folders.length === 0)
    return t('{name} draws classes: put the pictures of each class into a folder of its own, and look again.', { name })
  if (folders.length > classes)
    return t('{name} has {classes} classes, and here are {folders} folders.', {
      name,
      classes,
      folders: folders.length,
    })
  return undefined
}

/** " 2 classes: moons (6), suns (6)." */
const classesWords = (folders: DatasetDetails['folders']): string =>
  ` ${t('{count} classes: {names}.', {
    count: folders.length,
    names: [
      ...folders.slice(0, MOST_CLASSES).map(({ name, pictures }) => `${name} (${pictures})`),
      ...(folders.length > MOST_CLASSES ? [t('and others')] : []),
    ].join(', '),
  })}`

const MOST_CLASSES = 8

function picturesWords({ pictures }: Dataset, heldBack: number): string {
  if (heldBack === 0) return t('Learns from {count} pictures.', { count: pictures })
  return t('Learns from {learned} pictures; {count} are held back, to tell when to stop.', {
    learned: pictures - heldBack,
    count: heldBack,
  })
}
