import { X } from 'lucide-react'
import { IconButton } from '../components/IconButton.tsx'
import { NumberField } from '../components/NumberField.tsx'
import { Segmented } from '../components/Segmented.tsx'
import { t } from '../language/language.ts'
import { ChoiceMenu } from '../panels/fields/ChoiceMenu.tsx'
import { type Addition, familyWords, lastName, STRONGEST, suits } from '../state/additions.ts'
import type { ModelInfo } from '../state/api.ts'
import { useEngine } from '../state/engine.ts'
import { complaint, type Field, fieldsOf } from '../state/form.ts'
import { type Method, mergeable, partnersOf, useMerging } from '../state/merging.ts'
import { sizeWords } from '../state/words.ts'

const METHODS: readonly { value: Method; label: string; about: string }[] = [
  { value: 'weighted sum', label: 'Weighted sum', about: 'Goes from the first model to the second.' },
  {
    value: 'add difference',
    label: 'Add difference',
    about: 'Puts on the first what the second learned beyond the third.',
  },
  { value: 'LoRAs', label: 'LoRAs', about: 'Puts LoRAs into the model, each with its strength.' },
]

const plainField = (name: string, title: string, description: string): Field => ({
  ...{ name, title, description, group: 'merge', widget: 'choice', whole: false, step: 0.01 },
})

/** What is merged, how, and what it is called. */
export function MergeForm() {
  const { method, first, name } = useMerging()
  const models = useEngine(state => state.models)
  const chosen = models.find(({ id }) => id === first)
  return (
    <div className="merge-form">
      <Segmented
        label={t('Method')}
        fill
        value={method}
        choices={METHODS}
        onChange={next => useMerging.setState({ method: next, weight: Math.min(useMerging.getState().weight, 1) })}
      />
      <p className="t12">{METHODS.find(({ value }) => value === method)?.about}</p>
      <ModelMenu place="first" title={method === 'LoRAs' ? t('Model') : t('First model')} offered={mergeable(models)} />
      {method === 'LoRAs' ? <LoraRows model={chosen} /> : <Others chosen={chosen} />}
      <label className="field">
        <span className="l">{t('Name')}</span>
        <input
          type="text"
          className="v"
          placeholder={t('of the new model')}
          spellCheck={false}
          autoComplete="off"
          maxLength={120}
          value={name}
          onChange={event => useMerging.setState({ name: event.target.value })}
          data-testid="merge-name"
        />
      </label>
    </div>
  )
}

/** The models beside the first, and how much of them. */
function Others({ chosen }: { chosen: ModelInfo | undefined }) {
  const method = useMerging(state => state.method)
  const models = useEngine(state => state.models)
  const offered = partnersOf(chosen, models)
  if (offered.length === 0) {
    return <p className="t12">{t('There is no other model of this kind here. LoRAs can be merged into this one.')}</p>
  }
  return (
    <>
      <ModelMenu place="second" title={t('Second model')} offered={offered} />
      {method === 'add difference' && <ModelMenu place="third" title={t('Third model')} offered={offered} />}
      <Weight />
    </>
  )
}

interface MenuProps {
  readonly place: 'first' | 'second' | 'third'
  readonly title: string
  readonly offered: readonly ModelInfo[]
}

function ModelMenu({ place, title, offered }: MenuProps) {
  const id = useMerging(state => state[place])
  const known = offered.find(model => model.id === id)
  return (
    <ChoiceMenu
      field={plainField(`merge-${place}`, title, '')}
      values={{}}
      model={undefined}
      value={id ?? ''}
      shown={known?.name ?? t('Choose')}
      choices={offered.map(model => ({ value: model.id, title: model.name, about: aboutModel(model) }))}
      choose={next => useMerging.setState({ [place]: next })}
      className="merge-menu"
    />
  )
}

const aboutModel = (model: ModelInfo): string =>
  [familyWords(model), model.precision, sizeWords(model.bytes)].filter(Boolean).join(', ')

function Weight() {
  const { method, weight } = useMerging()
  const operation = useEngine(state => state.operations.find(({ id }) => id === 'merge-models'))
  const field = operation && fieldsOf(operation).find(({ name }) => name === 'weight')
  if (field === undefined) return null
  const maximum = method === 'weighted sum' ? 1 : (field.maximum ?? 1)
  return (
    <NumberField
      {...field}
      name="merge-weight"
      value={weight}
      own={0.5}
      minimum={field.minimum ?? 0}
      maximum={maximum}
      check={value => complaint({ ...field, maximum }, value)}
      onChange={next => useMerging.setState({ weight: next })}
      onReset={() => useMerging.setState({ weight: 0.5 })}
    />
  )
}

/** The chosen LoRAs with their strengths, and the way to more. */
function LoraRows({ model }: { model: ModelInfo | undefined }) {
  const chosen = useMerging(state => state.loras)
  const others = useEngine(state => state.others)
  const set = (loras: readonly Addition[]) => useMerging.setState({ loras })
  const offered = others.filter(
    each =>
      each.kind === 'lora' &&
      each.problem === undefined &&
      suits(each, model) &&
      !chosen.some(({ model: path }) => path === each.path),
  )
  return (
    <>
      {chosen.map((each, index) => {
        const title = others.find(({ path }) => path === each.model)?.name ?? lastName(each.model)
        return (
          <div key={each.model} className="row">
            <div className="grow">
              <NumberField
                name={`merge-strength-${index}`}
                title={title}
                value={each.strength ?? 1}
                own={1}
                minimum={-STRONGEST}
                maximum={STRONGEST}
                softMaximum={2}
                step={0.01}
                plain
                check={value => complaint({ ...strengthField(title), minimum: -STRONGEST, maximum: STRONGEST }, value)}
                onChange={strength => set(chosen.with(index, { ...each, strength }))}
              />
            </div>
            <IconButton label={t('Remove {title}', { title })} small onClick={() => set(chosen.toSpliced(index, 1))}>
              <X size={14} strokeWidth={1.5} />
            </IconButton>
          </div>
        )
      })}
      {offered.length === 0 ? (
        chosen.length === 0 && <p className="t12">{t('There is no LoRA for this model here yet.')}</p>
      ) : (
        <ChoiceMenu
          field={plainField('merge-lora', chosen.length === 0 ? 'LoRA' : t('One more LoRA'), '')}
          values={{}}
          model={undefined}
          value=""
          shown={t('Choose')}
          choices={offered.map(each => ({ value: each.path, title: each.name, about: aboutModel(each) }))}
          choose={path => set([...chosen, { model: path, strength: 1 }])}
          className="merge-menu"
        />
      )}
    </>
  )
}

const strengthField = (title: string): Field => plainField('strength', title, '')
