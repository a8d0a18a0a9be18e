import { ChevronDown, ChevronRight, Lock } from 'lucide-react'
import { Collapsible, Switch } from 'radix-ui'
import { useId } from 'react'
import { Button } from '../components/Button.tsx'
import { Hint } from '../components/Hint.tsx'
import { NumberField } from '../components/NumberField.tsx'
import { Segmented } from '../components/Segmented.tsx'
import { t } from '../language/language.ts'
import type { Job, ModelInfo, OperationInfo, TrainingEstimate } from '../state/api.ts'
import { conceptName, useEngine } from '../state/engine.ts'
import { complaint, type Field, fieldsOf } from '../state/form.ts'
import {
  duplicate,
  isLocked,
  type Stage,
  setParameter,
  teachable,
  useTrainings,
  usualValue,
  waysFor,
  wayWords,
} from '../state/trainings.ts'
import { fold, useUi } from '../state/ui.ts'
import { duration, sizeWords } from '../state/words.ts'

interface Props {
  readonly estimate: TrainingEstimate | undefined
  readonly operation: OperationInfo | undefined
  readonly model: ModelInfo | undefined
  /** Of what is looked at; absent while the next training is set up. */
  readonly job: Job | undefined
  readonly stage: Stage | undefined
}

const MAIN = ['steps', 'rank', 'vectors', 'learningRate', 'showEvery']
/** What stands elsewhere: in the middle, or in the list of pictures. */
const ELSEWHERE = ['images', 'identifier', 'class', 'classImages', 'priorWeight']
/** How a concept is learned: from the schema of the way of learning. A training's own settings stay as they are. */
export function HowPanel({ estimate, operation, model, job, stage }: Props) {
  const values = useTrainings(state => state.values)
  const locked = job !== undefined && stage !== undefined
  const title = locked ? t('How {name} is learned', { name: conceptName(job) }) : t('How it is learned')
  return (
    <aside className="teach-how" aria-label={title} data-region="teach-how" data-testid="teach-how">
      <div className="ph">
        <h2 className="cut">{title}</h2>
        {locked && (
          <Hint name={lockWords(stage)}>
            <span className="t3 lock" role="img" aria-label={lockWords(stage)}>
              <Lock size={16} strokeWidth={1.5} aria-hidden="true" />
            </span>
          </Hint>
        )}
      </div>
      <div className="pb">
        {locked ? (
          <LockedFields job={job} operation={operation} />
        ) : (
          operation !== undefined && <Form operation={operation} model={model} values={values} />
        )}
        {!locked && estimate !== undefined && <Estimate estimate={estimate} />}
      </div>
      <div className="pf">
        <span className="grow">
          {locked && isLocked(stage) ? t('Locked while it learns') : t('Pictures stay on this computer')}
        </span>
        {locked && (
          <Button small onClick={() => duplicate(job)} data-testid="duplicate-run">
            {t('Duplicate run')}
          </Button>
        )}
      </div>
    </aside>
  )
}

const lockWords = (stage: Stage): string =>
  isLocked(stage)
    ? t('Locked while it learns. Duplicate the run to change something.')
    : t('A run keeps its settings. Duplicate it to change something.')

function Form({
  operation,
  model,
  values,
}: {
  operation: OperationInfo
  model: ModelInfo | undefined
  values: Readonly<Record<string, unknown>>
}) {
  const { operations, models } = useEngine()
  const fields = fieldsOf(operation)
  const ways = waysFor(operations, model)
  const main = MAIN.flatMap(name => fields.find(field => field.name === name) ?? [])
  const folders = fields.filter(({ name, widget }) => widget === 'pictures' && name !== 'images')
  const shown = [...MAIN, ...ELSEWHERE, ...folders.map(({ name }) => name)]
  const rest = fields.filter(({ name, widget }) => !shown.includes(name) && widget !== 'seed')
  const prior = fields.find(({ name }) => name === 'classImages')
  return (
    <>
      <section className="sec">
        <div className="stack">
          {ways.length > 1 && <Ways ways={ways} chosen={operation.id} />}
          <label className="field">
            <span className="l">{t('Model')}</span>
            <select
              className="v"
              value={model?.id}
              onChange={event => useTrainings.setState({ model: event.target.value, operation: undefined })}
            >
              {teachable(models, operations).map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        </div>
      </section>
      <section className="sec" aria-label={t('Learning')}>
        <h3 className="sec-title">{t('Learning')}</h3>
        <div className="stack">
          {main.map(field => (
            <Row key={field.name} field={field} fields={fields} values={values} />
          ))}
          {folders.map(field => (
            <Folder key={field.name} field={field} value={String(values[field.name] ?? '')} />
          ))}
        </div>
      </section>
      {prior !== undefined && <Prior field={prior} values={values} />}
      <Folded title={t('Advanced')} count={rest.length}>
        {rest.map(field => (
          <Row key={field.name} field={field} fields={fields} values={values} />
        ))}
      </Folded>
    </>
  )
}

/** Ways that stand beside each other; more are a list. */
const MOST_BESIDE = 3

function Ways({ ways, chosen }: { ways: readonly OperationInfo[]; chosen: string }) {
  const choose = (id: string) => useTrainings.setState({ operation: id })
  const choices = ways.map(way => ({ value: way.id, label: wayWords(way) }))
  if (ways.length <= MOST_BESIDE)
    return <Segmented fill label={t('Way of learning')} value={chosen} choices={choices} onChange={choose} />
  return (
    <label className="field">
      <span className="l">{t('Way of learning')}</span>
      <select className="v" value={chosen} onChange={event => choose(event.target.value)} data-testid="way">
        {choices.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  )
}

/** A folder beside that of the pictures, each of its files under the name of its picture. */
function Folder({ field: { name, title, description }, value }: { field: Field; value: string }) {
  const id = useId()
  return (
    <div className="stack line-field">
      <label className="t12 t2" htmlFor={id} title={description}>
        {title}
      </label>
      <input
        id={id}
        className="field"
        type="text"
        value={value}
        placeholder={t('Path of a folder')}
        title={description}
        onChange={event => setParameter(name, event.target.value || undefined)}
        data-testid={`folder-${name}`}
      />
      <p className="note">{description}</p>
    </div>
  )
}

/** Pictures of the kind are drawn first and learned along, so that the others of it stay as they are. */
function Prior({ field, values }: { field: Field; values: Readonly<Record<string, unknown>> }) {
  const kind = String(values.class ?? '')
  const usual = Number(field.standard)
  const count = Number(values.classImages ?? usual)
  return (
    <section className="sec" aria-label={t('Others of its kind')}>
      <h3 className="sec-title">
        {kind === '' ? t('Keep others as they are') : t('Keep others of the kind “{kind}” as they are', { kind })}
      </h3>
      <div className="sw-row">
        <label htmlFor="teach-prior" title={field.description}>
          {count || usual} {t('pictures of its kind and others made first')}
        </label>
        <Switch.Root
          id="teach-prior"
          className="sw"
          checked={count > 0}
          onCheckedChange={on => setParameter('classImages', on ? undefined : 0)}
        >
          <Switch.Thumb />
        </Switch.Root>
      </div>
    </section>
  )
}

function Folded({ title, count, children }: { title: string; count: number; children: React.ReactNode }) {
  const folded = useUi(state => state.folded['teach-advanced'] ?? true)
  const Arrow = folded ? ChevronRight : ChevronDown
  return (
    <Collapsible.Root
      className={folded ? 'sec shut' : 'sec'}
      open={!folded}
      onOpenChange={open => fold('teach-advanced', !open)}
    >
      <h3>
        <Collapsible.Trigger>
          <Arrow size={14} strokeWidth={1.5} aria-hidden="true" />
          {title}
          {folded && <span className="r">{t('{count} more', { count })}</span>}
        </Collapsible.Trigger>
      </h3>
      <Collapsible.Content className="stack">{children}</Collapsible.Content>
    </Collapsible.Root>
  )
}

interface RowProps {
  readonly field: Field
  /** All of the way of learning. */
  readonly fields: readonly Field[]
  readonly values: Readonly<Record<string, unknown>>
}

/** Learning rates, and what is said where none is chosen. */
const RATES: Readonly<Record<string, string>> = {
  learningRate: 'as the model suits',
  textLearningRate: 'half of the other',
}

const UNITS: Readonly<Record<string, string>> = { showEvery: 'steps', saveEvery: 'steps', warmUp: 'steps' }

/** The control of one parameter. */
function Row({ field, fields, values }: RowProps) {
  const { name, title, description, choices } = field
  const own = usualValue(field, values, fields)
  const value = values[name] ?? own
  const set = (next: unknown) => setParameter(name, next === own ? undefined : next)
  if (field.widget === 'switch') {
    return (
      <div className="sw-row">
        <label htmlFor={`teach-field-${name}`} title={description}>
          {title}
        </label>
        <Switch.Root id={`teach-field-${name}`} className="sw" checked={value === true} onCheckedChange={set}>
          <Switch.Thumb />
        </Switch.Root>
      </div>
    )
  }
  if (choices !== undefined) {
    return (
      <label className="field" title={description}>
        <span className="l">{title}</span>
        <select className="v" value={String(value)} onChange={event => set(event.target.value)}>
          {choices.map(choice => (
            <option key={choice} value={choice}>
              {choice.replaceAll('_', ' ')}
            </option>
          ))}
        </select>
      </label>
    )
  }
  if (typeof own !== 'number') {
    return (
      <label className="field" title={description}>
        <span className="l">{title}</span>
        <input className="v" type="text" value={String(value ?? '')} onChange={event => set(event.target.value)} />
      </label>
    )
  }
  const soft = Math.min(field.maximum ?? own * 2, Math.max(own * 3, 1))
  return (
    <NumberField
      name={name}
      title={title}
      description={description}
      value={typeof value === 'number' ? value : own}
      own={own}
      minimum={field.minimum ?? 0}
      maximum={field.maximum ?? Number.MAX_SAFE_INTEGER}
      softMaximum={soft}
      step={RATES[name] === undefined ? field.step : 0.0001}
      plain={RATES[name] !== undefined || name === 'showEvery'}
      unit={UNITS[name] && t(UNITS[name])}
      words={value === 0 && RATES[name] !== undefined ? t(RATES[name]) : undefined}
      changed={values[name] !== undefined}
      check={next => complaint(field, next)}
      onChange={set}
      onReset={() => setParameter(name, undefined)}
    />
  )
}

/** What is read at once of a run's settings; the rest is folded. */
const READ = ['identifier', 'class', 'name', ...MAIN, 'classImages']

/** The settings that a run was begun with, to be read. */
function LockedFields({ job, operation }: { job: Job; operation: OperationInfo | undefined }) {
  const models = useEngine(state => state.models)
  const fields = operation === undefined ? [] : fieldsOf(operation).filter(({ widget }) => widget !== 'pictures')
  const main = READ.flatMap(name => fields.find(field => field.name === name) ?? [])
  const rest = fields.filter(({ name }) => !READ.includes(name))
  const rows = (shown: readonly Field[]) =>
    shown.map(field => (
      <div key={field.name}>
        <dt>{titleOf(field)}</dt>
        <dd>{valueWords(field, job.parameters[field.name])}</dd>
      </div>
    ))
  return (
    <>
      <dl className="dl locked-fields">
        <div>
          <dt>{t('Way')}</dt>
          <dd>{operation === undefined ? job.operation : wayWords(operation)}</dd>
        </div>
        <div>
          <dt>{t('Model')}</dt>
          <dd>{models.find(({ id }) => id === job.model)?.name ?? t('not here any more')}</dd>
        </div>
        {rows(main)}
      </dl>
      <Folded title={t('Advanced')} count={rest.length}>
        <dl className="dl locked-fields">{rows(rest)}</dl>
      </Folded>
    </>
  )
}

const TITLES: Readonly<Record<string, string>> = { identifier: 'Name in prompts', class: 'Kind of thing' }
const titleOf = ({ name, title }: Field): string => t(TITLES[name] ?? title)

function valueWords({ name }: Field, value: unknown): string {
  const usual = value === 0 ? RATES[name] : undefined
  if (usual !== undefined) return usual
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  const unit = UNITS[name] === undefined ? '' : ` ${UNITS[name]}`
  return value === '' || value === undefined ? 'none' : `${String(value).replaceAll('_', ' ')}${unit}`
}

function Estimate({ estimate }: { estimate: TrainingEstimate }) {
  const { seconds, memory, budget, fits, result, kept } = estimate
  return (
    <section className="sec" aria-label={t('Estimate')}>
      <h3 className="sec-title">{t('Estimate, measured again at the start')}</h3>
      <dl className="dl">
        <div>
          <dt>{t('Time')}</dt>
          <dd>{seconds === undefined ? t('not known yet') : duration(seconds)}</dd>
        </div>
        <div>
          <dt>{t('Memory')}</dt>
          <dd className={fits ? undefined : 'warn-text'}>
            {t('{done} of {total}', { done: sizeWords(memory), total: sizeWords(budget) })}
          </dd>
        </div>
        <div>
          <dt>{t('On disk')}</dt>
          <dd>{t('{size}, checkpoints {checkpoints}', { size: sizeWords(result), checkpoints: sizeWords(kept) })}</dd>
        </div>
      </dl>
    </section>
  )
}
