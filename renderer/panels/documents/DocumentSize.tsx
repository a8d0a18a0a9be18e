import { ArrowLeft, Link2, Link2Off } from 'lucide-react'
import { RadioGroup } from 'radix-ui'
import { useState } from 'react'
import { resizeCanvas, resizePicture } from '../../canvas/actions/document-size.ts'
import type { Anchor } from '../../canvas/painting/document-size.ts'
import type { Size } from '../../canvas/viewport.ts'
import { Button } from '../../components/Button.tsx'
import { IconButton } from '../../components/IconButton.tsx'
import { NumberField } from '../../components/NumberField.tsx'
import { Segmented } from '../../components/Segmented.tsx'
import { t } from '../../language/language.ts'

interface Props {
  readonly document: Size
  readonly onBack: () => void
  readonly onDone: () => void
}

/** Pixels of a side of a document. */
const MOST = 32_768
const SLIDER_ENDS = 4096
const ANCHORS: readonly { readonly label: string; readonly anchor: Anchor }[] = [
  { label: 'top left', anchor: { x: 0, y: 0 } },
  { label: 'top', anchor: { x: 0.5, y: 0 } },
  { label: 'top right', anchor: { x: 1, y: 0 } },
  { label: 'left', anchor: { x: 0, y: 0.5 } },
  { label: 'middle', anchor: { x: 0.5, y: 0.5 } },
  { label: 'right', anchor: { x: 1, y: 0.5 } },
  { label: 'bottom left', anchor: { x: 0, y: 1 } },
  { label: 'bottom', anchor: { x: 0.5, y: 1 } },
  { label: 'bottom right', anchor: { x: 1, y: 1 } },
]
const MIDDLE: Anchor = { x: 0.5, y: 0.5 }
const sideOf = (length: number): number => Math.min(MOST, Math.max(1, Math.round(length)))

/** Another size of the document: with all that is on it, or its edges alone. */
export function DocumentSize({ document, onBack, onDone }: Props) {
  const [ofEdges, setOfEdges] = useState(false)
  const [linked, setLinked] = useState(true)
  const [size, setSize] = useState({ width: document.width, height: document.height })
  const [anchor, setAnchor] = useState(MIDDLE)
  const isLinked = linked && !ofEdges
  const setSide = (name: keyof Size, length: number) => {
    const scale = length / document[name]
    const proportional = { width: sideOf(document.width * scale), height: sideOf(document.height * scale) }
    setSize({ ...(isLinked ? proportional : size), [name]: length })
  }
  const isSame = size.width === document.width && size.height === document.height
  const resize = () => {
    onDone()
    if (ofEdges) resizeCanvas(size, anchor)
    else resizePicture(size)
  }
  return (
    <div className="document-size" data-testid="document-size-form">
      <div className="pop-head">
        <IconButton label={t('All documents')} small onClick={onBack}>
          <ArrowLeft size={16} strokeWidth={1.5} />
        </IconButton>
        <h2 className="grow">{t('Size of the document')}</h2>
      </div>
      <div className="stack">
        <Segmented
          label={t('What changes')}
          fill
          value={ofEdges ? 'edges' : 'picture'}
          choices={[
            { value: 'picture', label: t('Picture') },
            { value: 'edges', label: t('Canvas') },
          ]}
          onChange={value => setOfEdges(value === 'edges')}
        />
        <p className="note">
          {ofEdges
            ? t('The edges move; layers stay as they are and keep what lies outside.')
            : t('All layers are scaled where they stand. Their pixels stay, so that nothing is lost.')}
        </p>
        <div className="size">
          <Side {...{ size, document }} name="width" title={t('Width')} label={t('W')} onChange={setSide} />
          <IconButton label={t('Keep proportion')} on={isLinked} disabled={ofEdges} onClick={() => setLinked(!linked)}>
            {isLinked ? <Link2 size={16} strokeWidth={1.5} /> : <Link2Off size={16} strokeWidth={1.5} />}
          </IconButton>
          <Side {...{ size, document }} name="height" title={t('Height')} label={t('H')} onChange={setSide} />
        </div>
        {ofEdges && <Anchors anchor={anchor} onChange={setAnchor} />}
      </div>
      <div className="dialog-foot">
        <Button small disabled={isSame} onClick={resize} data-testid="document-resize">
          {t('Resize to {width} × {height}', size)}
        </Button>
      </div>
    </div>
  )
}

interface SideProps {
  readonly name: keyof Size
  readonly title: string
  readonly label: string
  readonly size: Size
  /** Its size until now. */
  readonly document: Size
  readonly onChange: (name: keyof Size, length: number) => void
}

function Side({ name, title, label, size, document, onChange }: SideProps) {
  const outside = { sentence: t('{title} goes from {minimum} to {maximum}.', { title, minimum: 1, maximum: MOST }) }
  return (
    <NumberField
      {...{ name, title, label }}
      value={size[name]}
      unit="px"
      minimum={1}
      maximum={MOST}
      softMaximum={SLIDER_ENDS}
      step={1}
      plain
      check={next => (next !== undefined && next >= 1 && next <= MOST ? undefined : outside)}
      onChange={length => onChange(name, length)}
      onReset={() => onChange(name, document[name])}
    />
  )
}

/** Which part of the picture stays in its place. */
function Anchors({ anchor, onChange }: { readonly anchor: Anchor; readonly onChange: (anchor: Anchor) => void }) {
  const chosen = ANCHORS.find(each => each.anchor.x === anchor.x && each.anchor.y === anchor.y)
  return (
    <div className="row anchors">
      <span className="t12 t2 grow">{t('What stays in its place')}</span>
      <RadioGroup.Root
        className="anchor-grid"
        aria-label={t('What stays in its place')}
        value={chosen?.label ?? ''}
        onValueChange={next => onChange(ANCHORS.find(({ label }) => label === next)?.anchor ?? MIDDLE)}
      >
        {ANCHORS.map(({ label }) => (
          <RadioGroup.Item key={label} value={label} aria-label={t(label)} className="anchor" />
        ))}
      </RadioGroup.Root>
    </div>
  )
}
