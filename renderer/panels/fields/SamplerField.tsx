import { Check, ChevronDown } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { useState } from 'react'
import { useEngine } from '../../state/engine.ts'
import { isChanged, ownValue, valueInForce } from '../../state/form.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import type { RowProps } from './row-props.ts'

/** A choice with one line of plain words for each. The list opens under the field: over it, letting the mouse go would choose. */
export function SamplerField({ field, values, model }: RowProps) {
  const samplers = useEngine(state => state.samplers)
  const [trigger, setTrigger] = useState<HTMLElement | null>(null)
  const choices = (field.choices ?? samplers.map(sampler => sampler.className)).map(
    name =>
      samplers.find(sampler => sampler.className === name) ?? {
        className: name,
        title: name,
        goodFor: '',
        choosesNoiseLevels: false,
      },
  )
  const value = String(valueInForce(field, values, model) ?? '')
  const chosen = choices.find(choice => choice.className === value)
  const choose = (next: string) => {
    endEdit()
    setValue(field.name, next === ownValue(field, model) ? undefined : next)
  }
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger ref={setTrigger} className="field" data-testid={`field-${field.name}`}>
        <span className="l" title={field.description}>
          {field.title}
          {isChanged(field, values, model) && <i className="changed" />}
        </span>
        <span className="v cut">{chosen?.title ?? value}</span>
        <ChevronDown size={14} strokeWidth={1.5} aria-hidden="true" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={trigger?.closest('aside')}>
        <DropdownMenu.Content className="pop list" align="end" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.RadioGroup value={value} onValueChange={choose}>
            {choices.map(choice => (
              <DropdownMenu.RadioItem
                key={choice.className}
                value={choice.className}
                textValue={choice.title}
                className="list-item"
              >
                <span className="tick">
                  <DropdownMenu.ItemIndicator>
                    <Check size={14} strokeWidth={1.5} aria-hidden="true" />
                  </DropdownMenu.ItemIndicator>
                </span>
                {choice.title}
                <span className="t12 t3 for">{choice.goodFor}</span>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
