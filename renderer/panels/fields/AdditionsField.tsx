import { Plus } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { useState } from 'react'
import { IconButton } from '../../components/IconButton.tsx'
import { t } from '../../language/language.ts'
import {
  type Addition,
  type AdditionKind,
  additionsIn,
  familyWords,
  type SingleKind,
  suits,
} from '../../state/additions.ts'
import type { ModelInfo } from '../../state/api.ts'
import { useEngine } from '../../state/engine.ts'
import { openAddFiles } from '../../state/model-files.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import { sizeWords } from '../../state/words.ts'
import { AdditionRow } from './AdditionRow.tsx'
import type { RowProps } from './row-props.ts'

/** Kinds of which several may be chosen. */
type ListedKind = Exclude<AdditionKind, SingleKind>

const WORDS = {
  lora: { title: 'Add a LoRA', none: 'No LoRAs for this model yet.', all: 'All LoRAs for this model are chosen.' },
  embedding: {
    title: 'Add an embedding',
    none: 'No embeddings for this model yet.',
    all: 'All embeddings for this model are chosen.',
  },
  'text-encoder': {
    title: 'Add a text encoder',
    none: 'No text encoders for this model yet.',
    all: 'All text encoders for this model are chosen.',
  },
} as const satisfies Record<ListedKind, object>

/** LoRAs or embeddings: those that are chosen, each with its strength or word, and the way to more. */
export function AdditionsField({ field, values, model, kind }: RowProps & { readonly kind: ListedKind }) {
  const chosen = additionsIn(values[field.name])
  const set = (next: readonly Addition[]) => setValue(field.name, next.length === 0 ? undefined : next)
  const change = (index: number, next: Addition | undefined) =>
    set(next === undefined ? chosen.toSpliced(index, 1) : chosen.with(index, next))
  const add = ({ path }: ModelInfo) => {
    endEdit()
    set([...chosen, kind === 'lora' ? { model: path, strength: 1 } : { model: path }])
    endEdit()
  }
  return (
    <div className="additions" data-testid={`field-${field.name}`}>
      <div className="additions-head">
        <span title={field.description}>{field.title}</span>
        <span className="grow t3">{chosen.length === 0 ? t('none') : ''}</span>
        <AddMenu kind={kind} model={model} chosen={chosen} onAdd={add} />
      </div>
      {chosen.map((addition, index) => (
        <AdditionRow
          key={addition.model}
          kind={kind}
          addition={addition}
          model={model}
          onChange={next => change(index, next)}
        />
      ))}
    </div>
  )
}

interface MenuProps {
  readonly kind: ListedKind
  readonly model: ModelInfo | undefined
  readonly chosen: readonly Addition[]
  readonly onAdd: (model: ModelInfo) => void
}

/** What the library has of a kind that suits the model in force. */
function AddMenu({ kind, model, chosen, onAdd }: MenuProps) {
  const others = useEngine(state => state.others)
  const [trigger, setTrigger] = useState<HTMLElement | null>(null)
  const words = WORDS[kind]
  const ofKind = others.filter(each => each.kind === kind)
  const suited = ofKind.filter(each => suits(each, model) && each.problem === undefined)
  const offered = suited.filter(each => chosen.every(({ model: path }) => path !== each.path))
  const hidden = ofKind.length - suited.length
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <IconButton ref={setTrigger} label={t(words.title)} small data-testid={`add-${kind}`}>
          <Plus size={15} strokeWidth={1.5} />
        </IconButton>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={trigger?.closest('aside')}>
        <DropdownMenu.Content className="pop list additions-menu" align="end" sideOffset={4} collisionPadding={8}>
          {offered.map(each => (
            <DropdownMenu.Item
              key={each.id}
              className="list-item"
              textValue={each.name}
              onSelect={() => onAdd(each)}
              title={each.path}
            >
              <span className="grow cut">{each.name}</span>
              <span className="t12 t3 for">{familyWords(each) ?? sizeWords(each.bytes)}</span>
            </DropdownMenu.Item>
          ))}
          {offered.length === 0 && <p className="note">{t(suited.length === 0 ? words.none : words.all)}</p>}
          {hidden > 0 && (
            <p className="note">
              {t('{count} more are missing or made for another kind of model.', { count: hidden })}
            </p>
          )}
          <DropdownMenu.Separator className="list-line" />
          <DropdownMenu.Item className="list-item" onSelect={openAddFiles}>
            {t('Add files in Models…')}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
