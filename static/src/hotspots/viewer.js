// The place's 3-D model. A click or a pointer above it is a ray cast at the model; what it hits first is told by its number in the file,
// because names may repeat. `project(index)` gives where on the page an object is seen.
import { Scene, PerspectiveCamera, WebGLRenderer, Raycaster, Vector2, Vector3, Box3, Box3Helper, HemisphereLight, DirectionalLight, Color, GLTFLoader, OrbitControls } from '../../vendor/viewer3d.js';

const DRAG = 5; // pixels; more is turning the model, not a click
const TURN = Math.PI / 12;

export class GltfPicker extends HTMLElement {
  async connectedCallback() {
    if (this.dataset.state) return;
    this.dataset.state = 'loading';
    let gl;
    try { gl = new WebGLRenderer({ antialias: true }); } catch { this.dataset.state = 'no-webgl'; return; }
    this.canvas = gl.domElement;
    this.canvas.setAttribute('role', 'img');
    this.canvas.setAttribute('aria-label', '3-D model. Choose an object from the list of names.');
    const scene = new Scene();
    scene.background = new Color('#131c2e');
    scene.add(new HemisphereLight('#cfe3ff', '#3a2c1c', 2));
    const sun = new DirectionalLight('#ffe2b8', 2.4);
    sun.position.set(-6, 10, 8);
    scene.add(sun);
    this.camera = new PerspectiveCamera(45, 1, 0.1, 2000);
    let gltf;
    try { gltf = await new GLTFLoader().loadAsync(this.dataset.src); } catch { gl.dispose(); this.dataset.state = 'broken'; return; }
    this.querySelector('.hs-fallback')?.remove();
    this.append(this.canvas);
    this.model = gltf.scene;
    scene.add(this.model);
    this.numbers = new Map();
    this.objects = new Map();
    this.model.traverse((object) => {
      const index = gltf.parser.associations.get(object)?.nodes;
      if (index === undefined || this.objects.has(index)) return;
      this.numbers.set(object, index);
      this.objects.set(index, object);
    });
    this.orbit = new OrbitControls(this.camera, this.canvas);
    this.draw = () => gl.render(scene, this.camera);
    this.orbit.addEventListener('change', this.draw);
    this.box = this.outline(scene, '#ffb454');
    this.marks = [];
    this.scene = scene;
    this.home();
    new ResizeObserver(() => {
      if (!this.clientWidth || !this.clientHeight) return;
      gl.setSize(this.clientWidth, this.clientHeight, false);
      this.camera.aspect = this.clientWidth / this.clientHeight;
      this.camera.updateProjectionMatrix();
      this.draw();
    }).observe(this);
    this.listen();
    this.append(this.buttons());
    this.dataset.state = 'ready';
    this.dispatchEvent(new Event('ready'));
  }

  outline(scene, colour) {
    const helper = new Box3Helper(new Box3(), colour);
    helper.visible = false;
    helper.material.depthTest = false;
    scene.add(helper);
    return helper;
  }

  home() {
    const box = new Box3().setFromObject(this.model);
    const size = box.getSize(new Vector3()).length();
    this.orbit.target.copy(box.getCenter(new Vector3()));
    this.camera.position.copy(this.orbit.target).add(new Vector3(-0.12, 0.25, 0.6).multiplyScalar(size));
    this.camera.near = size / 500;
    this.camera.far = size * 10;
    this.camera.updateProjectionMatrix();
    this.orbit.update();
  }

  buttons() {
    const act = (label, text, run) => {
      const made = Object.assign(document.createElement('button'), { type: 'button', textContent: text, title: label, onclick: () => { run(); this.orbit.update(); this.draw(); } });
      made.setAttribute('aria-label', label);
      return made;
    };
    const around = (angle) => { const away = this.camera.position.clone().sub(this.orbit.target); away.applyAxisAngle(new Vector3(0, 1, 0), angle); this.camera.position.copy(this.orbit.target).add(away); };
    const nearer = (factor) => { this.camera.position.sub(this.orbit.target).multiplyScalar(factor).add(this.orbit.target); };
    const bar = Object.assign(document.createElement('div'), { className: 'hs-camera' });
    bar.setAttribute('role', 'group');
    bar.setAttribute('aria-label', 'Camera');
    bar.append(act('Turn left', '↶', () => around(-TURN)), act('Turn right', '↷', () => around(TURN)), act('Nearer', '+', () => nearer(0.8)), act('Farther', '−', () => nearer(1.25)), act('As at first', '⌂', () => this.home()));
    return bar;
  }

  listen() {
    const ray = new Raycaster();
    const point = new Vector2();
    const hit = (event) => {
      const frame = this.canvas.getBoundingClientRect();
      point.set((event.clientX - frame.x) / frame.width * 2 - 1, 1 - (event.clientY - frame.y) / frame.height * 2);
      ray.setFromCamera(point, this.camera);
      return this.known(ray.intersectObject(this.model, true)[0]?.object);
    };
    let down = null;
    let over = null;
    this.canvas.addEventListener('pointerdown', (event) => { down = [event.clientX, event.clientY]; });
    this.canvas.addEventListener('pointerup', (event) => {
      if (!down || Math.hypot(event.clientX - down[0], event.clientY - down[1]) > DRAG) return;
      this.dispatchEvent(new CustomEvent('pick', { detail: hit(event) }));
    });
    const point_at = (index) => {
      if (index === over) return;
      over = index;
      this.dispatchEvent(new CustomEvent('point', { detail: index }));
    };
    this.canvas.addEventListener('pointermove', (event) => { if (!event.buttons) point_at(hit(event)); });
    this.canvas.addEventListener('pointerleave', () => point_at(null));
  }

  // The number of the object hit: its own, or that of the nearest group above it that the list knows.
  known(object) {
    for (let at = object; at; at = at.parent) {
      const index = this.numbers.get(at);
      if (index !== undefined && (!this.listed || this.listed.has(index))) return index;
    }
    return null;
  }

  show(index) {
    const object = this.objects.get(index);
    this.box.visible = Boolean(object);
    if (object) this.box.box.setFromObject(object).expandByScalar(0.03);
    this.draw();
  }

  mark(indices) {
    for (const index of indices) {
      const object = this.objects.get(index);
      if (!object) continue;
      const helper = this.outline(this.scene, '#7fc4f0');
      helper.box.setFromObject(object).expandByScalar(0.02);
      helper.visible = true;
      this.marks.push(helper);
    }
    this.draw();
  }

  project(index) {
    const at = new Box3().setFromObject(this.objects.get(index)).getCenter(new Vector3()).project(this.camera);
    const frame = this.canvas.getBoundingClientRect();
    return [frame.x + (at.x + 1) / 2 * frame.width, frame.y + (1 - at.y) / 2 * frame.height];
  }
}

customElements.define('gltf-picker', GltfPicker);
