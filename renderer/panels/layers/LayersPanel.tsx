import { Folder, Lock, LockOpen, Plus, X } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import type { Layer } from '../../../app/api/documents.ts'
import { activeOf, useCanvas } from '../../canvas/actions/canvas-state.ts'
import {
  addLayer,
  choose,
  groupLayer,
  moveLayer,
  removeLayer,
  shiftLayer,
  toggle,
} from '../../canvas/actions/layers.ts'
import { useDocumentInForce } from '../../canvas/document-in-force.ts'
import { treeOf } from '../../canvas/raster/layer-tree.ts'
import { Button } from '../../components/Button.tsx'
import { IconButton } from '../../components/IconButton.tsx'
import { t } from '../../language/language.ts'
import { takeTool } from '../../state/tools.ts'
import { useUi } from '../../state/ui.ts'
import { LayerLook } from './LayerLook.tsx'
import { LayerRow } from './LayerRow.tsx'
import { LayerSteering } from './LayerSteering.tsx'
import { type Place, placeOfDrop, rowsOf } from './rows.ts'

const ADDED = [
  { kind: 'paint', title: 'Paint layer' },
  { kind: 'mask', title: 'Mask' },
  { kind: 'region', title: 'Region with its own prompt' },
  { kind: 'control', title: 'Control for a ControlNet' },
  { kind: 'group', title: 'Empty group' },
] as const

/** The layers of the document, topmost first. */
export function LayersPanel() {
  const { layers } = useDocumentInForce()
  const active = useCanvas(state => activeOf(layers, state.active))
  return (
    <>
      <div className="ph">
        <h2>{t('Layers')}</h2>
        <DropdownMenu.Root modal={false}>
          <DropdownMenu.Trigger asChild>
            <IconButton label={t('Add layer')} data-testid="add-layer">
              <Plus size={16} strokeWidth={1.5} />
            </IconButton>
          </DropdownMenu.Trigger>
          <DropdownMenu.Portal>
            <DropdownMenu.Content className="pop list" align="end" sideOffset={4} collisionPadding={8}>
              {ADDED.map(({ kind, title }) => (
                <DropdownMenu.Item key={kind} className="list-item" onSelect={() => addLayer(kind)}>
                  <span className="name">{t(title)}</span>
                </DropdownMenu.Item>
              ))}
            </DropdownMenu.Content>
          </DropdownMenu.Portal>
        </DropdownMenu.Root>
        <IconButton label={t('Group the layer')} onClick={groupLayer} data-testid="group-layer">
          <Folder size={16} strokeWidth={1.5} />
        </IconButton>
        <IconButton label={t('Close panel')} onClick={() => useUi.setState({ panel: undefined })}>
          <X size={16} strokeWidth={1.5} />
        </IconButton>
      </div>
      <div className="pb layers" data-testid="layers">
        {active === undefined ? <Nothing /> : <LayerLook layer={active} />}
        {active !== undefined && <LayerSteering layer={active} />}
        {active !== undefined && <List layers={layers} active={active} />}
      </div>
      {active !== undefined && (
        <div className="pf">
          <span className="grow cut">{active.name}</span>
          <IconButton
            label={
              active.isLocked ? t('Unlock {name}', { name: active.name }) : t('Lock {name}', { name: active.name })
            }
            on={active.isLocked}
            small
            onClick={() => toggle(active, 'isLocked')}
            data-testid="lock"
          >
            {active.isLocked ? <Lock size={14} strokeWidth={1.5} /> : <LockOpen size={14} strokeWidth={1.5} />}
          </IconButton>
        </div>
      )}
    </>
  )
}

function Nothing() {
  return (
    <div className="note stack">
      <p>{t('Pictures that you accept and what you paint are layers here.')}</p>
      <Button small onClick={() => takeTool('brush')}>
        {t('Take the brush')}
      </Button>
    </div>
  )
}

interface ListProps {
  readonly layers: readonly Layer[]
  readonly active: Layer
}

/** One stop of the Tab key: arrow keys choose, with Alt they move the layer, Space shows and hides it, F2 renames it. */
function List({ layers, active }: ListProps) {
  const rows = useMemo(() => rowsOf(treeOf(layers)), [layers])
  const [renaming, setRenaming] = useState<string>()
  const [drop, setDrop] = useState<Place>()
  const dragged = useRef<string>(undefined)
  const keys = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement) return
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && event.altKey) shiftLayer(active.id, step > 0 ? -1 : 1)
    else if (step !== 0)
      choose(rows[rows.findIndex(({ layer }) => layer.id === active.id) + step]?.layer.id ?? active.id)
    else if (event.key === ' ') toggle(active, 'isVisible')
    else if (event.key === 'F2' || event.key === 'Enter') setRenaming(active.id)
    else if (event.key === 'Delete') removeLayer(active.id)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div
      className="layer-list"
      role="listbox"
      aria-label={t('Layers')}
      aria-activedescendant={`layer-${active.id}`}
      tabIndex={0}
      onKeyDown={keys}
      data-region-focus
      data-testid="layer-list"
      onDragOver={event => {
        const place = dragged.current === undefined ? undefined : placeOfDrop(event)
        setDrop(place?.id === dragged.current ? undefined : place)
        event.preventDefault()
      }}
      onDragLeave={() => setDrop(undefined)}
      onDrop={event => {
        event.preventDefault()
        if (dragged.current !== undefined && drop !== undefined) moveLayer(dragged.current, drop.id, drop.where)
        setDrop(undefined)
      }}
    >
      {rows.map(({ layer, depth }) => (
        <LayerRow
          key={layer.id}
          layer={layer}
          depth={depth}
          isActive={layer.id === active.id}
          isRenaming={renaming === layer.id}
          drop={drop?.id === layer.id ? drop.where : undefined}
          onRename={() => setRenaming(layer.id)}
          onRenamed={() => setRenaming(undefined)}
          onDrag={isDragged => {
            dragged.current = isDragged ? layer.id : undefined
            if (!isDragged) setDrop(undefined)
          }}
        />
      ))}
    </div>
  )
}
