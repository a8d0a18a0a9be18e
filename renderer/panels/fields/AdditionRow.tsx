import { Check, TriangleAlert, X } from 'lucide-react'
import { Switch } from 'radix-ui'
import { Hint } from '../../components/Hint.tsx'
import { IconButton } from '../../components/IconButton.tsx'
import { NumberField } from '../../components/NumberField.tsx'
import { spoken, t } from '../../language/language.ts'
import {
  type Addition,
  type AdditionKind,
  additionAt,
  familyWords,
  hasWord,
  lastName,
  STRONGEST,
  suits,
  withWord,
  wordOf,
} from '../../state/additions.ts'
import type { ModelInfo } from '../../state/api.ts'
import { useEngine } from '../../state/engine.ts'
import { complaint, type Field } from '../../state/form.ts'
import { edit, endEdit, useStudio } from '../../state/studio.ts'
import { announce } from '../../state/ui.ts'

interface Props {
  readonly kind: AdditionKind
  readonly addition: Addition
  readonly model: ModelInfo | undefined
  /** Another in its place, or none. */
  readonly onChange: (next: Addition | undefined) => void
}

/** A LoRA or an embedding that was chosen: on or off, how strong it is or by which word it is used, and away with it. */
export function AdditionRow({ kind, addition, model, onChange }: Props) {
  const others = useEngine(state => state.others)
  const known = additionAt(addition.model, kind, others)
  const name = known?.name ?? lastName(addition.model)
  const wrong = whatIsWrong(known, model)
  const isOn = addition.off !== true && (known === undefined || suits(known, model))
  const { off: _, ...on } = addition
  const change = (next: Addition | undefined) => {
    endEdit()
    onChange(next)
    endEdit()
  }
  return (
    <div className={isOn ? 'addition' : 'addition off'} data-testid="addition">
      <div className="addition-line">
        <Switch.Root
          className="sw"
          aria-label={t('Use {name}', { name })}
          checked={isOn}
          disabled={known !== undefined && !suits(known, model)}
          onCheckedChange={checked => change(checked ? on : { ...on, off: true })}
        >
          <Switch.Thumb />
        </Switch.Root>
        {kind === 'lora' ? (
          <Strength name={name} addition={addition} onChange={onChange} />
        ) : (
          <span className="field addition-name">
            <span className="cut" title={addition.model}>
              {name}
            </span>
          </span>
        )}
        <IconButton label={t('Remove {name}', { name })} small onClick={() => change(undefined)}>
          <X size={14} strokeWidth={1.5} />
        </IconButton>
      </div>
      {wrong === undefined ? (
        <Words words={kind === 'embedding' ? [wordOf(addition, known)] : (known?.triggerWords ?? [])} />
      ) : (
        <p className="addition-note">
          <TriangleAlert size={14} strokeWidth={1.5} aria-hidden="true" />
          <span>{wrong}</span>
        </p>
      )}
    </div>
  )
}

function whatIsWrong(known: ModelInfo | undefined, model: ModelInfo | undefined): string | undefined {
  if (known === undefined) return t('Not among your models. If its file is gone, the picture cannot be made with it.')
  if (known.problem !== undefined) return spoken(known.problem)
  if (suits(known, model)) return undefined
  return t('Not used: it is for {family}, and {model} is {own}.', {
    family: familyWords(known) ?? '',
    model: model?.name ?? '',
    own: (model && familyWords(model)) ?? '',
  })
}

/** Scrubbing goes from -2 to 2; who types may go on to what the engine takes. */
const STRENGTH: Field = {
  name: 'strength',
  title: 'Strength',
  description: '1: as it was trained; 0: not at all; below 0: away from it.',
  group: 'concepts',
  widget: 'slider',
  whole: false,
  minimum: -STRONGEST,
  maximum: STRONGEST,
  step: 0.05,
}
const check = (value: number | undefined) => complaint(STRENGTH, value)

interface StrengthProps {
  readonly name: string
  readonly addition: Addition
  readonly onChange: (next: Addition) => void
}

function Strength({ name, addition, onChange }: StrengthProps) {
  const { strength = 1 } = addition
  const set = (next: number) => onChange({ ...addition, strength: next })
  return (
    <div className="grow stack">
      <NumberField
        name={`strength-${name}`}
        title={t('Strength of {name}', { name })}
        label={name}
        description={`${name}. ${STRENGTH.description}`}
        value={strength}
        own={1}
        minimum={-2}
        maximum={STRONGEST}
        softMaximum={2}
        step={STRENGTH.step}
        check={check}
        onStart={endEdit}
        onChange={set}
        onReset={() => set(1)}
      />
    </div>
  )
}

/** The words that call it; a click puts one at the end of the prompt. */
function Words({ words }: { words: readonly string[] }) {
  const prompt = useStudio(state => state.draft.prompt)
  if (words.length === 0) return null
  const insert = (word: string) => {
    endEdit()
    edit('insert', { prompt: withWord(useStudio.getState().draft.prompt, word) })
    endEdit()
    announce(t('{word} is at the end of the prompt', { word }))
  }
  return (
    <div className="addition-words">
      <span className="t12 t3">{words.length === 1 ? t('Its word') : t('Its words')}</span>
      {words.map(word => {
        const isThere = hasWord(prompt, word)
        return (
          <Hint key={word} name={isThere ? t('In the prompt already') : t('Put it at the end of the prompt')}>
            <button
              type="button"
              className={isThere ? 'word on' : 'word'}
              aria-label={
                isThere ? t('{word}, in the prompt', { word }) : t('Put {word} at the end of the prompt', { word })
              }
              onClick={() => !isThere && insert(word)}
            >
              {isThere && <Check size={12} strokeWidth={2} aria-hidden="true" />}
              <span className="cut">{word}</span>
            </button>
          </Hint>
        )
      })}
    </div>
  )
}
