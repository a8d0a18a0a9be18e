import { Eye, EyeOff, Folder } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { Layer } from '../../../app/api/documents.ts'
import { useCanvas } from '../../canvas/actions/canvas-state.ts'
import { choose, kindWords, setLayer, solo, toggle } from '../../canvas/actions/layers.ts'
import { maskFromLayer } from '../../canvas/actions/masks.ts'
import { drawThumbnail } from '../../canvas/actions/thumbnail.ts'
import { IconButton } from '../../components/IconButton.tsx'
import { t } from '../../language/language.ts'
import type { Place } from './rows.ts'

interface Props {
  readonly layer: Layer
  readonly depth: number
  readonly isActive: boolean
  readonly isRenaming: boolean
  readonly drop: Place['where'] | undefined
  readonly onRename: () => void
  readonly onRenamed: () => void
  readonly onDrag: (isDragged: boolean) => void
}

/** One layer: thumbnail, name, what it is, and the eye. */
export function LayerRow({ layer, depth, isActive, isRenaming, drop, onRename, onRenamed, onDrag }: Props) {
  const { id, name, kind, isVisible } = layer
  const Face = isVisible ? Eye : EyeOff
  const classes = ['layer', isActive && 'on', !isVisible && 'hidden', drop].filter(Boolean).join(' ')
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list box has the focus
    // biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys of the list choose
    <div
      id={`layer-${id}`}
      role="option"
      aria-selected={isActive}
      aria-label={`${name}, ${kindWords(layer)}`}
      className={classes}
      style={{ paddingLeft: 6 + depth * 16 }}
      draggable={!isRenaming}
      onDragStart={event => {
        event.dataTransfer.effectAllowed = 'move'
        onDrag(true)
      }}
      onDragEnd={() => onDrag(false)}
      onClick={() => choose(id)}
      data-layer={id}
      data-kind={kind}
      data-testid="layer"
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a shortcut of the mouse */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the palette has it too */}
      <span className="lt" onClick={event => event.altKey && maskFromLayer(layer)}>
        {kind === 'group' ? <Folder size={16} strokeWidth={1.5} aria-hidden="true" /> : <Thumbnail layer={layer} />}
      </span>
      {isRenaming ? (
        <Rename layer={layer} onDone={onRenamed} />
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: F2 does the same
        <span className="grow" onDoubleClick={onRename}>
          <b className="cut">{name}</b>
          <small className="cut">{kindWords(layer)}</small>
        </span>
      )}
      {kind === 'mask' && <i className="mask-dot" />}
      <IconButton
        label={isVisible ? t('Hide {name}', { name }) : t('Show {name}', { name })}
        small
        tabIndex={-1}
        onClick={event => {
          event.stopPropagation()
          if (event.altKey) solo(id)
          else toggle(layer, 'isVisible')
        }}
        data-testid="eye"
      >
        <Face size={16} strokeWidth={1.5} />
      </IconButton>
    </div>
  )
}

const SIDE = 64

function Thumbnail({ layer }: { readonly layer: Layer }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const painted = useCanvas(state => state.painted[layer.id])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was painted since is drawn
  useEffect(() => {
    const timer = setTimeout(() => canvas.current !== null && drawThumbnail(canvas.current, layer), 120)
    return () => clearTimeout(timer)
  }, [layer, painted])
  return <canvas ref={canvas} width={SIDE} height={SIDE} className={layer.kind === 'mask' ? 'of-mask' : ''} />
}

function Rename({ layer, onDone }: { readonly layer: Layer; readonly onDone: () => void }) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.select(), [])
  const keep = (name: string) => {
    const trimmed = name.trim()
    if (trimmed !== '' && trimmed !== layer.name) setLayer(layer.id, { name: trimmed }, `Rename ${layer.name}`)
    onDone()
  }
  return (
    <input
      ref={input}
      className="rename grow"
      aria-label={t('Name of {name}', { name: layer.name })}
      defaultValue={layer.name}
      // biome-ignore lint/a11y/noAutofocus: it stands where the name was that was asked to be changed
      autoFocus
      maxLength={200}
      onBlur={event => keep(event.target.value)}
      onKeyDown={event => {
        event.stopPropagation()
        if (event.key === 'Enter') keep(event.currentTarget.value)
        else if (event.key === 'Escape') onDone()
      }}
    />
  )
}
