import { t } from '../../language/language.ts'
import { additionAt } from '../../state/additions.ts'
import { useEngine } from '../../state/engine.ts'
import { valueInForce } from '../../state/form.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import { ChoiceMenu } from './ChoiceMenu.tsx'
import { LineField } from './LineField.tsx'
import type { RowProps } from './row-props.ts'

/** A class of the chosen classifier, by its name; written where nothing is known of the classifier. */
export function ClassNameField(props: RowProps) {
  const { field, values, model } = props
  const others = useEngine(state => state.others)
  const { guideClassifier } = values
  if (typeof guideClassifier !== 'string') return null
  const names = additionAt(guideClassifier, 'classifier', others)?.classNames ?? []
  if (names.length === 0) return <LineField {...props} />
  const value = String(valueInForce(field, values, model) ?? '')
  const choose = (next: string) => {
    endEdit()
    setValue(field.name, next === '' ? undefined : next)
  }
  const choices = names.map(name => ({ value: name, title: name, about: '' }))
  return <ChoiceMenu {...{ field, values, model, choices, value, choose }} shown={value === '' ? t('none') : value} />
}
