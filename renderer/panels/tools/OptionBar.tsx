import {
  ChevronDown,
  ChevronsDownUp,
  ChevronsUpDown,
  CircleDashed,
  Contrast,
  Ellipsis,
  Minus,
  Plus,
  Scan,
  ScanSearch,
  SquareDashed,
  SquareX,
  Trash2,
} from 'lucide-react'
import { DropdownMenu, Popover } from 'radix-ui'
import type { ComponentType, ReactNode } from 'react'
import type { MaskLook } from '../../canvas/raster/screen.ts'
import { toolOf } from '../../canvas/tools/index.ts'
import type { Option, Tool } from '../../canvas/tools/tool.ts'
import { Button } from '../../components/Button.tsx'
import { IconButton } from '../../components/IconButton.tsx'
import { MaskIcon } from '../../components/icons.tsx'
import { NumberField } from '../../components/NumberField.tsx'
import { Segmented } from '../../components/Segmented.tsx'
import { t } from '../../language/language.ts'
import { useShortcuts } from '../../state/bindings.ts'
import { canvasCommand, useCan } from '../../state/canvas-commands.ts'
import type { Command } from '../../state/command.ts'
import { setOption, useTools } from '../../state/tools.ts'
import { BodyBar } from './BodyBar.tsx'
import { NetworkBar } from './NetworkBar.tsx'
import { PoseBar } from './PoseBar.tsx'
import { ShapeBar } from './ShapeBar.tsx'
import { TextBar } from './TextBar.tsx'
import { TransformBar } from './TransformBar.tsx'
import { WordsBar } from './WordsBar.tsx'

/** What stands beside the options of a tool: settings of a layer, or of something else that is no number or choice. */
const BARS: Readonly<Record<string, ComponentType>> = {
  transform: TransformBar,
  text: TextBar,
  shape: ShapeBar,
  wand: NetworkBar,
  mask: WordsBar,
  pose: PoseBar,
  bodies: BodyBar,
}

/** What the tool in the hand can be told, above the picture. */
export function OptionBar() {
  const tool = useTools(state => toolOf(state.held ?? state.tool))
  const { options, commands = [], title, Icon } = tool
  const Bar = BARS[tool.id]
  if (options.length === 0 && commands.length === 0 && Bar === undefined) return null
  return (
    <div
      className="float opts"
      role="toolbar"
      aria-label={t('{title} options', { title: t(title) })}
      data-region="options"
      data-scrolls
      data-testid="options"
    >
      <span className="name">
        <Icon size={16} strokeWidth={1.5} />
        <span>{t(title)}</span>
      </span>
      <span className="sep" />
      {options
        .filter(({ isRare }) => !isRare)
        .map(option => (
          <OptionField key={option.name} tool={tool} option={option} />
        ))}
      {Bar !== undefined && <Bar />}
      {commands.length > 0 && options.length > 0 && <span className="sep" />}
      {commands.map(id => (id === 'mask-look' ? <Look key={id} /> : <CommandButton key={id} id={id} />))}
      {options.some(({ isRare }) => isRare) && <More tool={tool} />}
    </div>
  )
}

/** What is seldom changed. */
function More({ tool }: { readonly tool: Tool }) {
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <IconButton label={t('More options')} data-testid="more-options">
          <Ellipsis size={16} strokeWidth={1.5} />
        </IconButton>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="pop chip-pop more-options"
          align="end"
          sideOffset={12}
          collisionPadding={12}
          aria-label={t('More options')}
        >
          {tool.options
            .filter(({ isRare }) => isRare)
            .map(option => (
              <div key={option.name}>
                {option.kind === 'choice' && <span className="t12 t3">{t(option.title)}</span>}
                <OptionField tool={tool} option={option} />
              </div>
            ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

/** Choices that a sign says as well as a word. */
const CHOICE_ICONS: Readonly<Record<string, ReactNode>> = {
  add: <Plus size={16} strokeWidth={1.5} />,
  remove: <Minus size={16} strokeWidth={1.5} />,
}

/** Choices of which each is one word stand side by side; longer ones in a menu would hide what is set. */
function OptionField({ tool, option }: { readonly tool: Tool; readonly option: Option }) {
  const value = useTools(state => state.values[tool.id]?.[option.name] ?? option.value)
  const { when } = option
  const means = useTools(state => when === undefined || state.values[tool.id]?.[when.name] === when.is)
  if (!means) return null
  if (option.kind === 'choice') {
    return (
      <Segmented
        label={t(option.title)}
        value={String(value)}
        choices={option.choices.map(choice => ({ ...choice, icon: CHOICE_ICONS[choice.value] }))}
        onChange={next => setOption(tool.id, option.name, next)}
      />
    )
  }
  const { minimum, maximum, name, title, unit, softMaximum, step } = option
  const outside = { sentence: t('{title} goes from {minimum} to {maximum}.', { title: t(title), minimum, maximum }) }
  return (
    <span className="opt-number">
      <NumberField
        name={`${tool.id}-${name}`}
        title={t(title)}
        unit={unit}
        value={Number(value)}
        own={option.value}
        minimum={minimum}
        maximum={maximum}
        softMaximum={softMaximum}
        step={step}
        check={next => (next !== undefined && next >= minimum && next <= maximum ? undefined : outside)}
        onChange={next => setOption(tool.id, name, next)}
        onReset={() => setOption(tool.id, name, option.value)}
      />
    </span>
  )
}

const ICONS: Readonly<Record<string, typeof Contrast>> = {
  'mask-invert': Contrast,
  'selection-invert': Contrast,
  'mask-clear': Trash2,
  'mask-from-selection': SquareDashed,
  'selection-grow': ChevronsUpDown,
  'selection-shrink': ChevronsDownUp,
  'selection-feather': CircleDashed,
  deselect: SquareX,
  'frame-to-picture': Scan,
  'frame-to-mask': ScanSearch,
}

const WORDS: Readonly<Record<string, string>> = {
  'selection-to-mask': 'To mask',
  'frame-to-picture': 'Whole picture',
  'frame-to-mask': 'To mask',
}

function CommandButton({ id }: { readonly id: string }) {
  const command = canvasCommand(id === 'selection-to-mask' ? 'mask-from-selection' : id)
  return command === undefined ? null : <CommandFace id={id} command={command} />
}

function CommandFace({ id, command }: { readonly id: string; readonly command: Command }) {
  const can = useCan(command)
  const shortcut = useShortcuts()
  const Icon = ICONS[id] ?? MaskIcon
  const words = WORDS[id]
  if (words !== undefined) {
    return (
      <Button
        look="ghost"
        small
        disabled={!can}
        title={can ? undefined : t(whyNot(id))}
        onClick={command.run}
        data-testid={id}
      >
        {t(words)}
      </Button>
    )
  }
  return (
    <IconButton
      label={t(command.title)}
      shortcut={shortcut(command.id)}
      unavailable={can ? undefined : t(whyNot(id))}
      onClick={command.run}
      data-testid={id}
    >
      <Icon size={16} strokeWidth={1.5} />
    </IconButton>
  )
}

const whyNot = (id: string): string =>
  id.startsWith('frame-to-picture')
    ? 'There is no picture yet.'
    : id === 'frame-to-mask' || (id.startsWith('mask') && id !== 'mask-from-selection')
      ? 'There is no mask yet.'
      : 'Nothing is selected.'

const LOOKS: readonly { readonly value: MaskLook; readonly label: string }[] = [
  { value: 'tint', label: 'Tint' },
  { value: 'hatching', label: 'Hatching' },
  { value: 'outline', label: 'Outline' },
  { value: 'black-and-white', label: 'Black and white' },
]

/** How masks are shown. */
function Look() {
  const look = useTools(state => state.maskLook)
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="chip" data-testid="mask-look">
        <span className="chip-title">{t('Show')}</span>{' '}
        <span className="v">{t(LOOKS.find(({ value }) => value === look)?.label ?? '')}</span>
        <ChevronDown size={14} strokeWidth={1.5} aria-hidden="true" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="pop list" align="end" sideOffset={8} collisionPadding={8}>
          <DropdownMenu.RadioGroup
            value={look}
            onValueChange={next => {
              const chosen = LOOKS.find(({ value }) => value === next)
              if (chosen !== undefined) useTools.setState({ maskLook: chosen.value })
            }}
          >
            {LOOKS.map(({ value, label }) => (
              <DropdownMenu.RadioItem key={value} value={value} className="list-item">
                <span className="name">{t(label)}</span>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
