// What the engine does around every rule, on one element or vector. The constants of one step.
template <class T>
struct Frame {
  T scale = 1;            // of the gradient; negative ascends
  T clip = 0;             // each element into [-clip, clip]; 0: off
  T factor = 1;           // of clipping by norm, the tensor's and the global one's
  T l2 = 0;               // coupled decay
  T decay = 0;            // decoupled decay, times lr
  T low = 0, high = 0;    // the parameter's bounds, if `clamp`
  bool l2_first = false;  // before the clipping
  bool clamp = false;
  bool plain = true;  // none of the above is asked for

  // The gradient as the norms see it.
  template <class V>
  V clipped(V p, V g) const {
    using namespace arithmetic;
    if (scale != 1) g = scale * g;
    if (l2 != 0 && l2_first) g = g + l2 * p;
    if (clip != 0) g = min(max(g, V(-clip)), V(clip));
    return g;
  }

  // The gradient as the rule sees it.
  template <class V>
  V gradient(V p, V g) const {
    if (plain) return g;
    g = clipped(p, g);
    if (factor != 1) g = factor * g;
    if (l2 != 0 && !l2_first) g = g + l2 * p;
    return g;
  }

  // The parameter after the rule's update.
  template <class V>
  V parameter(V p, V update) const {
    using namespace arithmetic;
    V x = p - update;
    if (plain) return x;
    if (decay != 0) x = x - decay * p;
    if (clamp) x = min(max(x, V(low)), V(high));
    return x;
  }

  // A slot as it is stored: what would be denormal is zero (docs/design/0001-denormals.md).
  template <class V>
  static V stored(V x) {
    using namespace arithmetic;
    return select(abs(x) < V(sizeof(T) == 4 ? T(0x1p-126) : T(0x1p-1022)), V(T(0)), x);
  }
};
