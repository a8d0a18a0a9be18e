import { Switch } from 'radix-ui'
import { useCallback } from 'react'
import { NumberField } from '../../components/NumberField.tsx'
import { Segmented } from '../../components/Segmented.tsx'
import { t } from '../../language/language.ts'
import { isSingle } from '../../state/additions.ts'
import type { ModelInfo } from '../../state/api.ts'
import { useEngine } from '../../state/engine.ts'
import { complaint, type Field, isChanged, multipleOf, ownValue, type Values, valueInForce } from '../../state/form.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import { AdditionsField } from './AdditionsField.tsx'
import { ClassField } from './ClassField.tsx'
import { ClassNameField } from './ClassNameField.tsx'
import { ColourField } from './ColourField.tsx'
import { LineField } from './LineField.tsx'
import { OneFileField } from './OneFileField.tsx'
import { ReferenceField } from './ReferenceField.tsx'
import type { RowProps } from './row-props.ts'
import { SamplerField } from './SamplerField.tsx'
import { SeedField } from './SeedField.tsx'
import { WhereField } from './WhereField.tsx'
import { WordsField } from './WordsField.tsx'

/** The control of one parameter, as its schema asks for it. */
export function FieldRow(props: RowProps) {
  switch (props.field.widget) {
    case 'switch':
      return <SwitchRow {...props} />
    case 'choice':
      return <ChoiceRow {...props} />
    case 'steps':
      return <StepsRow {...props} />
    case 'sampler':
      return <SamplerField {...props} />
    case 'class':
      return <ClassField {...props} />
    case 'seed':
      return <SeedField field={props.field} />
    case 'files': {
      const { takes = 'lora' } = props.field
      return isSingle(takes) ? <OneFileField {...props} /> : <AdditionsField {...props} kind={takes} />
    }
    case 'line':
      return <LineField {...props} />
    case 'where':
      return <WhereField {...props} />
    case 'reference':
      return <ReferenceField {...props} />
    case 'class name':
      return <ClassNameField {...props} />
    case 'colour':
      return <ColourField {...props} />
    case 'prompt':
    case 'text':
      return <WordsField {...props} />
    default:
      return <NumberRow {...props} />
  }
}

interface NumberRowProps extends RowProps {
  readonly label?: string
  readonly plain?: boolean
  /** Takes the place of setting the value alone: a width may take its height along. */
  readonly onChange?: (value: number) => void
}

export function NumberRow({ field, values, model, label, plain, onChange }: NumberRowProps) {
  const multiple = multipleOf(field, model)
  const check = useCallback((value: number | undefined) => complaint(field, value, multiple), [field, multiple])
  const value = valueInForce(field, values, model)
  const own = ownValue(field, model)
  const grid = multiple ?? field.step
  return (
    <NumberField
      name={field.name}
      title={field.title}
      label={label}
      unit={field.unit}
      description={field.description}
      value={typeof value === 'number' ? value : (field.minimum ?? 0)}
      own={typeof own === 'number' ? own : undefined}
      minimum={Math.ceil((field.minimum ?? 0) / grid) * grid}
      maximum={field.maximum ?? Number.MAX_SAFE_INTEGER}
      softMaximum={field.softMaximum}
      softMinimum={field.softMinimum}
      step={grid}
      changed={isChanged(field, values, model)}
      plain={plain}
      check={check}
      onStart={endEdit}
      onChange={onChange ?? (next => setValue(field.name, next === own ? undefined : next))}
      onReset={() => setValue(field.name, undefined)}
    />
  )
}

/** A few words of which one holds. */
function ChoiceRow({ field, values, model }: RowProps) {
  const value = valueInForce(field, values, model)
  return (
    <div className="sw-row" data-testid={`field-${field.name}`}>
      <span className="grow" title={field.description}>
        {field.title}
        {isChanged(field, values, model) && <i className="changed" />}
      </span>
      <Segmented
        label={field.title}
        value={typeof value === 'string' ? value : undefined}
        choices={(field.choices ?? []).map(choice => ({ value: choice, label: choice }))}
        onChange={next => {
          endEdit()
          setValue(field.name, next === ownValue(field, model) ? undefined : next)
        }}
      />
    </div>
  )
}

/** Words from one end to the other, as a slider. */
function StepsRow({ field, values, model }: RowProps) {
  const { name, title, description, choices = [] } = field
  const placeOf = (value: unknown) => choices.indexOf(String(value))
  const own = ownValue(field, model)
  const place = Math.max(0, placeOf(valueInForce(field, values, model)))
  return (
    <NumberField
      {...{
        name,
        title,
        description,
        value: place,
        own: placeOf(own),
        minimum: 0,
        maximum: choices.length - 1,
        step: 1,
      }}
      words={t(choices[place] ?? '')}
      changed={isChanged(field, values, model)}
      check={at => complaint({ ...field, whole: true, minimum: 0, maximum: choices.length - 1 }, at)}
      onStart={endEdit}
      onChange={at => setValue(name, choices[at] === own ? undefined : choices[at])}
      onReset={() => setValue(name, undefined)}
    />
  )
}

/** The chosen sampler's name, where it lacks what this parameter needs: then the parameter makes no difference. */
function useIdleUnder(field: Field, values: Values, model: ModelInfo | undefined): string | undefined {
  const samplers = useEngine(state => state.samplers)
  const chosen = samplers.find(({ className }) => className === (values.sampler ?? model?.defaults.sampler))
  return field.needsOfSampler && chosen?.[field.needsOfSampler] === false ? chosen.title : undefined
}

function SwitchRow({ field, values, model }: RowProps) {
  const id = `field-${field.name}`
  const idleUnder = useIdleUnder(field, values, model)
  const hint =
    idleUnder === undefined ? field.description : t('{sampler} has no noise levels to choose.', { sampler: idleUnder })
  return (
    <div className="sw-row" data-testid={id}>
      <label htmlFor={id} title={hint} className={idleUnder === undefined ? undefined : 'idle'}>
        {field.title}
        {isChanged(field, values, model) && <i className="changed" />}
      </label>
      <Switch.Root
        id={id}
        className="sw"
        title={idleUnder === undefined ? undefined : hint}
        disabled={idleUnder !== undefined}
        checked={idleUnder === undefined && valueInForce(field, values, model) === true}
        onCheckedChange={on => {
          endEdit()
          setValue(field.name, on === ownValue(field, model) ? undefined : on)
        }}
      >
        <Switch.Thumb />
      </Switch.Root>
    </div>
  )
}
