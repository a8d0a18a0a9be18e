import { Command } from 'cmdk'
import { Box, CornerDownLeft, Search, SlidersHorizontal, SwatchBook } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useReturnFocus } from '../components/dialog-focus.ts'
import { share, stepped } from '../components/number.ts'
import { t } from '../language/language.ts'
import { blobUrl, type Image, type ModelInfo } from '../state/api.ts'
import { useShortcuts } from '../state/bindings.ts'
import { type Command as Action, commands } from '../state/commands.ts'
import { engine, imagePrompt, named, useEngine } from '../state/engine.ts'
import { fits, type Kind, marked, readQuery } from '../state/finding.ts'
import { type Field, multipleOf, ownValue, type Values, valueInForce } from '../state/form.ts'
import { useForm } from '../state/form-in-force.ts'
import { pick } from '../state/gallery.ts'
import { openInStudio } from '../state/recipes.ts'
import { edit, endEdit, setValue, useStudio } from '../state/studio.ts'
import { applyStyle } from '../state/styles.ts'
import { fold, go, useUi } from '../state/ui.ts'
import { spellValue } from './spell.ts'

const close = () => useUi.setState({ paletteOpen: false })
const MOST = 6
const SETTLED = 80
const KINDS: Readonly<Record<string, Kind>> = {
  setting: 'settings',
  action: 'actions',
  picture: 'pictures',
  model: 'models',
  style: 'actions',
}

/** Find anything: settings of this picture (numbers change in place), actions, pictures, models. */
export function Palette() {
  const open = useUi(state => state.paletteOpen)
  const focus = useReturnFocus()
  return (
    <Dialog.Root open={open} onOpenChange={paletteOpen => useUi.setState({ paletteOpen })}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content className="palette" aria-describedby={undefined} {...focus} data-testid="palette">
          <Dialog.Title className="sr">{t('Find anything')}</Dialog.Title>
          <Finder />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function usePictures(words: string, wanted: boolean): readonly Image[] {
  const [images, setImages] = useState<readonly Image[]>([])
  useEffect(() => {
    if (!wanted) return setImages([])
    let current = true
    const timer = setTimeout(async () => {
      const page = await (await engine()).images.list({ search: words, limit: MOST }).catch(() => undefined)
      if (current) setImages(page?.images ?? [])
    }, 80)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [words, wanted])
  return images
}

const isNumber = (field: Field) => ['slider', 'size', 'count'].includes(field.widget)

/** How well an item fits what was typed: its kind must be the one that the first letter asks for, and its title must fit.
 *  Pictures were found by the engine, which knows more of them than their titles. */
function score(id: string, typed: string, keywords: string[] = []): number {
  const { words, only } = readQuery(typed)
  const kind = KINDS[id.slice(0, id.indexOf(':'))]
  if (only !== undefined && kind !== only) return 0
  return kind === 'pictures' ? 1 : fits(keywords.join(' '), words)
}

function Finder() {
  const [typed, setTyped] = useState('')
  const { fields, model } = useForm()
  const values = useStudio(state => state.draft.values)
  const models = useEngine(state => state.models)
  const styles = useEngine(state => state.styles)
  const { words, only } = readQuery(typed)
  const images = usePictures(words, only === 'pictures' || (words !== '' && only === undefined))
  const usable = commands.filter(command => !command.hidden && (command.can?.() ?? true))
  const change = (event: KeyboardEvent) => {
    const selected = event.currentTarget.querySelector('[cmdk-item][aria-selected=true]')?.getAttribute('data-value')
    const field = fields.find(each => `setting:${each.name}` === selected)
    const direction = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0
    if (direction === 0 || field === undefined || !isNumber(field)) return
    event.preventDefault()
    setValue(field.name, changedBy(field, direction * (event.shiftKey ? 10 : 1), values, model))
  }
  const list = useSelectedItem()
  return (
    <Command ref={list} label={t('Find anything')} filter={score} loop vimBindings={false} onKeyDown={change}>
      <div className="palette-field">
        <Search size={18} strokeWidth={1.5} aria-hidden="true" />
        <Command.Input value={typed} onValueChange={setTyped} placeholder={t('Find anything')} autoFocus />
      </div>
      <Command.List className="palette-list">
        <Command.Empty className="palette-empty">{t('Nothing is called “{words}”.', { words })}</Command.Empty>
        <Command.Group heading={t('Settings of this picture')}>
          {fields
            .filter(field => field.widget !== 'prompt')
            .map(field => (
              <Setting key={field.name} field={field} words={words} />
            ))}
        </Command.Group>
        <Command.Group heading={t('Actions')}>
          {usable.map(action => (
            <ActionItem key={action.id} action={action} words={words} />
          ))}
        </Command.Group>
        {styles.length > 0 && (
          <Command.Group heading="Styles">
            {styles.map(style => (
              <Item
                key={style.name}
                id={`style:${style.name}`}
                title={t('{name} style', { name: style.name })}
                icon={<SwatchBook size={16} strokeWidth={1.5} />}
                run={() => applyStyle(style, fields)}
              >
                <Marked title={style.name} words={words} />
                <span className="t3 cut">{style.prompt}</span>
              </Item>
            ))}
          </Command.Group>
        )}
        {images.length > 0 && (
          <Command.Group heading="Pictures">
            {images.map(image => (
              <PictureItem key={image.id} image={image} words={words} />
            ))}
          </Command.Group>
        )}
        <Command.Group heading="Models">
          {models.map(each => (
            <ModelItem key={each.id} model={each} used={each.id === model?.id} words={words} />
          ))}
        </Command.Group>
      </Command.List>
      <div className="palette-foot" aria-hidden="true">
        <span>{t('↑↓ choose')}</span>
        <span>{t('↵ open')}</span>
        <span>{t('← → change a value')}</span>
        <span className="grow" />
        <span>{t('Type > for actions, # for pictures, @ for models', {})}</span>
      </div>
    </Command>
  )
}

/** Names the selected item to screen readers. cmdk 1.1.1 does so before the list has settled, and may name one that is gone. */
function useSelectedItem() {
  const root = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const id = root.current?.querySelector('[cmdk-item][aria-selected=true]')?.id
    for (const element of root.current?.querySelectorAll('[cmdk-input], [cmdk-list]') ?? []) {
      if (id === undefined) element.removeAttribute('aria-activedescendant')
      else element.setAttribute('aria-activedescendant', id)
    }
  })
  return root
}

/** The value of a number after some steps; nothing when it is the model's own again. */
function changedBy(field: Field, steps: number, values: Values, model: ModelInfo | undefined): number | undefined {
  const step = multipleOf(field, model) ?? field.step
  const maximum = field.softMaximum ?? field.maximum ?? Number.MAX_SAFE_INTEGER
  const next = stepped(Number(valueInForce(field, values, model)), steps, {
    minimum: field.minimum ?? 0,
    maximum,
    step,
  })
  return next === ownValue(field, model) ? undefined : next
}

interface ItemProps {
  readonly id: string
  readonly title: string
  readonly icon: ReactNode
  readonly run: () => void
  readonly keeps?: boolean
  readonly children: ReactNode
}

function Item({ id, title, icon, run, keeps, children }: ItemProps) {
  return (
    <Command.Item
      value={id}
      keywords={[title]}
      className="palette-item"
      onSelect={() => {
        if (!keeps) close()
        run()
      }}
    >
      <span className="palette-icon" aria-hidden="true">
        {icon}
      </span>
      {children}
    </Command.Item>
  )
}

function Marked({ title, words }: { title: string; words: string }) {
  return (
    <span className="cut">
      {marked(title, words).map(({ text, hit }, index) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text are their places
        hit ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
      )}
    </span>
  )
}

/** Opens the panel at a field. */
function openField(field: Field): void {
  go('studio')
  useUi.setState({ panel: 'settings' })
  fold(field.group, false)
  setTimeout(() => {
    const row = document.querySelector(`[data-testid="field-${field.name}"]`)
    row?.querySelector<HTMLElement>('[role=slider], textarea, input, button')?.focus()
    if (row instanceof HTMLButtonElement) row.focus()
  }, SETTLED)
}

function Setting({ field, words }: { field: Field; words: string }) {
  const { model } = useForm()
  const values = useStudio(state => state.draft.values)
  const seed = useStudio(state => state.draft.seed)
  const samplers = useEngine(state => state.samplers)
  const value = field.widget === 'seed' ? seed || 'random' : valueInForce(field, values, model)
  const run =
    field.widget === 'switch'
      ? () => setValue(field.name, !value === ownValue(field, model) ? undefined : !value)
      : () => openField(field)
  const part = share(Number(value), {
    minimum: field.softMinimum ?? field.minimum ?? 0,
    maximum: field.softMaximum ?? field.maximum ?? 1,
  })
  return (
    <Item
      id={`setting:${field.name}`}
      title={field.title}
      icon={<SlidersHorizontal size={16} strokeWidth={1.5} />}
      run={run}
      keeps={field.widget === 'switch'}
    >
      <Marked title={field.title} words={words} />
      {isNumber(field) ? (
        <span className="palette-value num" style={{ backgroundSize: `${part * 100}% 100%` }}>
          <span className="palette-how">{t('← → to change')}</span>
          {spellValue(field, value, samplers)}
        </span>
      ) : (
        <span className="t3 cut num">{spellValue(field, value, samplers)}</span>
      )}
    </Item>
  )
}

function ActionItem({ action, words }: { action: Action; words: string }) {
  const key = useShortcuts()(action.id)
  const run = () => {
    if (action.room !== undefined) go(action.room)
    // The palette must have gone and given the focus back, and the room must be there.
    setTimeout(action.run, SETTLED)
  }
  return (
    <Item
      id={`action:${action.id}`}
      title={t(action.title)}
      icon={<CornerDownLeft size={16} strokeWidth={1.5} />}
      run={run}
    >
      <Marked title={t(action.title)} words={words} />
      {key !== undefined && <kbd>{key}</kbd>}
    </Item>
  )
}

function PictureItem({ image, words }: { image: Image; words: string }) {
  const show = () => {
    go('gallery')
    pick(image.id)
  }
  return (
    <Item
      id={`picture:${image.id}`}
      title={named(imagePrompt(image))}
      icon={<img src={blobUrl(image.hash)} alt="" />}
      run={image.recipe === undefined ? show : () => openInStudio(image)}
    >
      <Marked title={named(imagePrompt(image))} words={words} />
      <span className="t3 num">{image.recipe === undefined ? '' : t('seed {seed}', { seed: image.recipe.seed })}</span>
    </Item>
  )
}

function ModelItem({ model, used, words }: { model: ModelInfo; used: boolean; words: string }) {
  const use = () => {
    endEdit()
    edit('model', { model: model.id })
  }
  return (
    <Item id={`model:${model.id}`} title={model.name} icon={<Box size={16} strokeWidth={1.5} />} run={use}>
      <Marked title={model.name} words={words} />
      {used && <span className="t3">{t('in use')}</span>}
    </Item>
  )
}
