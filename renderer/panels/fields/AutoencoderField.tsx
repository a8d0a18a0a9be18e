import { Check, ChevronDown, TriangleAlert } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { useState } from 'react'
import { additionAt, familyWords, lastName, suits } from '../../state/additions.ts'
import { useEngine } from '../../state/engine.ts'
import { isChanged } from '../../state/form.ts'
import { openAddFiles } from '../../state/model-files.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import type { RowProps } from './row-props.ts'

const OWN = 'The model’s own'

/** The autoencoder: the model's own, or one of the library. */
export function AutoencoderField({ field, values, model }: RowProps) {
  const others = useEngine(state => state.others)
  const [trigger, setTrigger] = useState<HTMLElement | null>(null)
  const given = values[field.name]
  const path = typeof given === 'string' ? given : ''
  const known = additionAt(path, 'vae', others)
  const offered = others.filter(each => each.kind === 'vae' && suits(each, model) && each.problem === undefined)
  const choose = (next: string) => {
    endEdit()
    setValue(field.name, next === '' ? undefined : next)
  }
  const choices = [{ path: '', name: OWN, of: '' }].concat(
    offered.map(each => ({ path: each.path, name: each.name, of: familyWords(each) ?? '' })),
  )
  const isUnfit = known !== undefined && !suits(known, model)
  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger ref={setTrigger} className="field" data-testid={`field-${field.name}`}>
          <span className="l" title={field.description}>
            {field.title}
            {isChanged(field, values, model) && <i className="changed" />}
          </span>
          <span className="v cut">{path === '' ? OWN : (known?.name ?? lastName(path))}</span>
          <ChevronDown size={14} strokeWidth={1.5} aria-hidden="true" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal container={trigger?.closest('aside')}>
          <DropdownMenu.Content className="pop list additions-menu" align="end" sideOffset={4} collisionPadding={8}>
            <DropdownMenu.RadioGroup value={path} onValueChange={choose}>
              {choices.map(choice => (
                <DropdownMenu.RadioItem
                  key={choice.path}
                  value={choice.path}
                  textValue={choice.name}
                  className="list-item"
                >
                  <span className="tick">
                    <DropdownMenu.ItemIndicator>
                      <Check size={14} strokeWidth={1.5} aria-hidden="true" />
                    </DropdownMenu.ItemIndicator>
                  </span>
                  <span className="cut">{choice.name}</span>
                  <span className="t12 t3 for">{choice.of}</span>
                </DropdownMenu.RadioItem>
              ))}
            </DropdownMenu.RadioGroup>
            <DropdownMenu.Separator className="list-line" />
            <DropdownMenu.Item className="list-item" onSelect={openAddFiles}>
              <span className="tick" />
              Add files in Models…
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {isUnfit && (
        <p className="addition-note">
          <TriangleAlert size={14} strokeWidth={1.5} aria-hidden="true" />
          <span>Not used: it is for {familyWords(known)}.</span>
        </p>
      )}
    </>
  )
}
