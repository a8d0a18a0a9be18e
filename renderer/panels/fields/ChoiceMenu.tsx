import { Check, ChevronDown } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { isChanged } from '../../state/form.ts'
import type { RowProps } from './row-props.ts'

interface Choice {
  readonly value: string
  readonly title: string
  /** A line of plain words beside the title; '' for none. */
  readonly about: string
}

interface Props extends RowProps {
  readonly choices: readonly Choice[]
  readonly value: string
  /** What the field says of the value. */
  readonly shown: string
  readonly choose: (value: string) => void
  readonly className?: string
  /** What stands below the choices. */
  readonly children?: ReactNode
}

/** One of a list, with words about each. The list opens under the field: over it, letting the mouse go would choose. */
export function ChoiceMenu(props: Props) {
  const { field, values, model, choices, value, shown, choose, className = '', children } = props
  const [trigger, setTrigger] = useState<HTMLElement | null>(null)
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger ref={setTrigger} className="field" data-testid={`field-${field.name}`}>
        <span className="l" title={field.description}>
          {field.title}
          {isChanged(field, values, model) && <i className="changed" />}
        </span>
        <span className="v cut">{shown}</span>
        <ChevronDown size={14} strokeWidth={1.5} aria-hidden="true" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={trigger?.closest('aside')}>
        <DropdownMenu.Content className={`pop list ${className}`} align="end" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.RadioGroup value={value} onValueChange={choose}>
            {choices.map(choice => (
              <DropdownMenu.RadioItem
                key={choice.value}
                value={choice.value}
                textValue={choice.title}
                className="list-item"
              >
                <span className="tick">
                  <DropdownMenu.ItemIndicator>
                    <Check size={14} strokeWidth={1.5} aria-hidden="true" />
                  </DropdownMenu.ItemIndicator>
                </span>
                <span className="name">{choice.title}</span>
                <span className="t12 t3 for">{choice.about}</span>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
