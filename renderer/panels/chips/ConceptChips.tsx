import { X } from 'lucide-react'
import { t } from '../../language/language.ts'
import { additionAt, additionsIn, lastName } from '../../state/additions.ts'
import { useEngine } from '../../state/engine.ts'
import { useForm } from '../../state/form-in-force.ts'
import { endEdit, setValue, useStudio } from '../../state/studio.ts'
import { fold, useUi } from '../../state/ui.ts'

/** LoRAs and embeddings that are used, as chips: a click shows their strength, the cross takes one away. */
export function ConceptChips() {
  const { fields } = useForm()
  const values = useStudio(state => state.draft.values)
  const others = useEngine(state => state.others)
  const chips = fields
    .filter(({ widget, takes }) => widget === 'files' && (takes === 'lora' || takes === 'embedding'))
    .flatMap(field => additionsIn(values[field.name]).map((addition, index) => ({ field, addition, index })))
    .filter(({ addition }) => addition.off !== true)
  return chips.map(({ field, addition, index }) => {
    const { takes = 'lora' } = field
    const name = additionAt(addition.model, takes, others)?.name ?? lastName(addition.model)
    const remove = () => {
      endEdit()
      const rest = additionsIn(values[field.name]).toSpliced(index, 1)
      setValue(field.name, rest.length === 0 ? undefined : rest)
      endEdit()
    }
    return (
      <span key={`${takes} ${addition.model}`} className="concept" data-testid="concept-chip">
        <button
          type="button"
          className="cut"
          aria-label={t('{name}, strength {strength}: show it', { name, strength: addition.strength ?? 1 })}
          onClick={() => {
            useUi.setState({ panel: 'settings' })
            fold(field.group, false)
          }}
        >
          {name}
        </button>
        <button type="button" className="concept-away" aria-label={t('Remove {name}', { name })} onClick={remove}>
          <X size={12} strokeWidth={1.5} aria-hidden="true" />
        </button>
      </span>
    )
  })
}
