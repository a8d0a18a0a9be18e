import { useEngine } from '../../state/engine.ts'
import { ownValue, valueInForce } from '../../state/form.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import { ChoiceMenu } from './ChoiceMenu.tsx'
import type { RowProps } from './row-props.ts'

/** The sampler, with what each is good for. */
export function SamplerField({ field, values, model }: RowProps) {
  const samplers = useEngine(state => state.samplers)
  // A sampler of the other kind is not offered, and shown where it is chosen.
  const names = field.choices ?? samplers.map(sampler => sampler.className)
  const value = String(valueInForce(field, values, model) ?? '')
  const choices = names.flatMap(name => {
    const sampler = samplers.find(sampler => sampler.className === name)
    const isOther = sampler !== undefined && model !== undefined && sampler.serves !== model.samplers
    if (isOther && name !== value) return []
    return { value: name, title: sampler?.title ?? name, about: sampler?.goodFor ?? '' }
  })
  const shown = choices.find(choice => choice.value === value)?.title ?? value
  const choose = (next: string) => {
    endEdit()
    setValue(field.name, next === ownValue(field, model) ? undefined : next)
  }
  return <ChoiceMenu {...{ field, values, model, choices, value, shown, choose }} />
}
